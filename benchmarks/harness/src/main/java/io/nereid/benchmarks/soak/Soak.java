package io.nereid.benchmarks.soak;

import io.nereid.benchmarks.Workplace;
import io.nereid.benchmarks.load.NereidProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The program behind {@code benchmarks/soak}. Its heap is of fixed size and touched at the start,
 * so that the resident size grows only with what lies outside it.
 */
public final class Soak {
    private static final String JAVA_OPTIONS =
            "-Xms512m -Xmx512m -XX:+AlwaysPreTouch -XX:NativeMemoryTracking=summary";
    private static final long SHORTEST_INTERVAL = TimeUnit.SECONDS.toNanos(5);
    private static final int SAMPLES = 120;
    private static final int DEFAULT_MINUTES = 60;

    private Soak() {}

    /**
     * Runs it; the status of the process is 0 if nothing has grown.
     *
     * @param arguments root of the checkout; then {@code --minutes} and their number, if wanted
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Workplace place = new Workplace(Path.of(arguments[0]).toAbsolutePath().normalize());
        if (arguments.length != 1 && !(arguments.length == 3 && arguments[1].equals("--minutes"))) {
            System.err.println("usage: benchmarks/soak [--minutes N] [--install]");
            System.exit(2);
        }
        int minutes = arguments.length == 3 ? Integer.parseInt(arguments[2]) : DEFAULT_MINUTES;
        place.prepare();
        List<String> flags = new ArrayList<>(List.of("--model-control-mode=explicit"));
        MixedLoad.RESIDENT.forEach(model -> flags.add("--load-model=" + model));
        boolean well;
        try (NereidProcess server = place.nereid(place.repository(), JAVA_OPTIONS, flags)) {
            well =
                    run(
                            server,
                            new MixedLoad(server, place.load()),
                            TimeUnit.MINUTES.toNanos(minutes));
        }
        System.exit(well ? 0 : 1);
    }

    private static boolean run(NereidProcess server, MixedLoad load, long nanos)
            throws IOException, InterruptedException {
        List<Worker> workers =
                List.of(
                        Worker.start("requests over HTTP", load::http),
                        Worker.start("requests over gRPC", load::grpc),
                        Worker.start("models loaded and unloaded", load::guest),
                        Worker.start("clients that left", load::leaver));
        List<Sample> samples = new ArrayList<>();
        long start = System.nanoTime();
        long interval = Math.max(SHORTEST_INTERVAL, nanos / SAMPLES);
        for (long due = interval;
                due <= nanos && workers.stream().noneMatch(Worker::hasFailed);
                due += interval) {
            parkUntil(start + due);
            samples.add(Sample.of(server.process()));
            tell(TimeUnit.NANOSECONDS.toSeconds(due), samples.getLast(), workers);
        }
        for (Worker worker : workers) {
            worker.stop();
            worker.failures().forEach(failure -> System.err.println(worker + ": " + failure));
        }
        return workers.stream().noneMatch(Worker::hasFailed) && report(samples, workers);
    }

    private static void parkUntil(long nanoTime) {
        while (System.nanoTime() - nanoTime < 0) {
            LockSupport.parkNanos(nanoTime - System.nanoTime());
        }
    }

    private static void tell(long seconds, Sample sample, List<Worker> workers) {
        StringBuilder line = new StringBuilder(seconds + " s");
        for (Figure figure : Figure.values()) {
            line.append(" | ")
                    .append(figure.title())
                    .append(' ')
                    .append(figure.text(sample.of(figure)));
        }
        System.err.println(line + " | " + workers);
    }

    /** Prints what became of the figures; whether none of them has grown. */
    private static boolean report(List<Sample> samples, List<Worker> workers) {
        System.out.println("\n" + samples.size() + " samples; " + workers + "\n");
        System.out.println(
                "| | second quarter | last quarter | allowed | |\n|---|---|---|---|---|");
        boolean well = true;
        for (Figure figure : Figure.values()) {
            Growth growth = Growth.of(figure, samples);
            well &= !growth.isTooMuch();
            System.out.println(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %s | %s | %s |",
                            figure.title(),
                            figure.text(growth.before()),
                            figure.text(growth.after()),
                            figure.text(growth.allowed()),
                            growth.isTooMuch() ? "**grows**" : "flat"));
        }
        return well;
    }
}
