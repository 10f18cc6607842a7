package io.nereid.benchmarks.soak;

import io.nereid.benchmarks.load.Programs;
import io.nereid.benchmarks.load.RunningProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the process of a server has at a moment. */
record Sample(Map<Figure, Double> figures) {
    private static final String JCMD =
            Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    private static final Pattern LIVE = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
    private static final Pattern COMMITTED = Pattern.compile("Total:.*committed=(\\d+)KB");

    /** Looks at a process that tracks its native memory; collects its garbage first. */
    static Sample of(RunningProcess process) throws IOException {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        // Counts what is alive, for which it collects the rest.
        figures.put(Figure.HEAP, number(LIVE, jcmd(process, "GC.class_histogram")));
        figures.put(
                Figure.NATIVE,
                number(COMMITTED, jcmd(process, "VM.native_memory", "summary")) * 1024);
        figures.put(Figure.RESIDENT, (double) process.resident());
        figures.put(Figure.THREADS, (double) process.threads());
        figures.put(Figure.DESCRIPTORS, (double) process.descriptors());
        return new Sample(figures);
    }

    double of(Figure figure) {
        return figures.getOrDefault(figure, 0.0);
    }

    private static String jcmd(RunningProcess process, String... command) {
        String[] whole = new String[command.length + 2];
        whole[0] = JCMD;
        whole[1] = Long.toString(process.pid());
        System.arraycopy(command, 0, whole, 2, command.length);
        return Programs.output(List.of(whole));
    }

    private static double number(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException("jcmd said: " + output);
        }
        return Double.parseDouble(matcher.group(1));
    }
}
