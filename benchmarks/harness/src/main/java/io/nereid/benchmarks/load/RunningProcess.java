package io.nereid.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process that was started to be measured, and what {@code /proc} tells of it. Owned by whoever
 * started it; may be asked from any thread.
 */
public final class RunningProcess implements AutoCloseable {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_TICK =
            MICROS_PER_SECOND
                    / Long.parseLong(Programs.output(List.of("getconf", "CLK_TCK")).trim());
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    private final Process process;
    private final long startNanos;

    private RunningProcess(Process process, long startNanos) {
        this.process = process;
        this.startNanos = startNanos;
    }

    /**
     * Starts a program that writes to a log and reads what {@link #process} is given.
     *
     * @param environment in addition to this process's
     * @param log appended to
     */
    public static RunningProcess start(
            List<String> command, Map<String, String> environment, Path log) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        long now = System.nanoTime();
        return new RunningProcess(builder.start(), now);
    }

    /** When it was started, as {@link System#nanoTime}. */
    public long startNanos() {
        return startNanos;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Time that processors have spent on it, in microseconds. */
    public long cpuMicros() throws IOException {
        String stat = Files.readString(proc("stat"));
        // The name in brackets may contain anything; what follows is counted from behind it.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]))
                * MICROS_PER_TICK;
    }

    /** Resident size in bytes. */
    public long resident() throws IOException {
        return status("VmRSS:") * 1024;
    }

    public long threads() throws IOException {
        return status("Threads:");
    }

    /** Files, sockets and pipes that are open. */
    public long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(proc("fd"))) {
            return open.count();
        }
    }

    /** Asks it to end, and waits for that; ends it by force after a minute. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private long status(String field) throws IOException {
        try (Stream<String> lines = Files.lines(proc("status"))) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }
}
