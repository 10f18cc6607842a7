package io.nereid.server.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How busy the machine's processors are and how much of its memory is used (metrics section 7). One
 * thread looks from time to time; what it saw last may be read from any thread.
 */
final class HostUsage {
    private static final Logger log = LoggerFactory.getLogger(HostUsage.class);

    private static final long BYTES_PER_KIB = 1024;

    /** Numbers of the line {@code cpu}: user, nice, system, idle, iowait, irq, softirq, steal. */
    private static final int CPU_NUMBERS = 8;

    private static final int IDLE = 3;
    private static final int IO_WAIT = 4;

    /**
     * What was seen.
     *
     * @param utilization share of time that the processors were busy between two looks, 0 to 1
     * @param totalBytes memory of the machine
     * @param usedBytes memory that could not be had without swapping
     */
    record Reading(double utilization, long totalBytes, long usedBytes) {
        static final Reading NONE = new Reading(0, 0, 0);
    }

    private record Ticks(long busy, long all) {}

    private final Path proc;

    private volatile Reading reading = Reading.NONE;

    // Used by one look at a time.
    private Ticks before = new Ticks(0, 0);

    /**
     * @param proc the folder {@code /proc}
     */
    HostUsage(Path proc) {
        this.proc = proc;
    }

    /** Whether there is such a folder; where there is none, everything stays 0. */
    boolean isReadable() {
        return Files.isReadable(proc.resolve("stat")) && Files.isReadable(proc.resolve("meminfo"));
    }

    /** What was seen last. */
    Reading reading() {
        return reading;
    }

    /** Looks once. Used by one thread. */
    void look() {
        try {
            Ticks now = ticks(Files.readAllLines(proc.resolve("stat")));
            List<String> memory = Files.readAllLines(proc.resolve("meminfo"));
            long total = bytes(memory, "MemTotal:");
            long all = now.all() - before.all();
            double busy = all <= 0 ? 0 : (double) (now.busy() - before.busy()) / all;
            boolean first = before.all() == 0;
            before = now;
            reading = new Reading(first ? 0 : busy, total, total - bytes(memory, "MemAvailable:"));
        } catch (IOException | IllegalArgumentException e) {
            reading = Reading.NONE;
            log.debug("cannot read {}", proc, e);
        }
    }

    private static Ticks ticks(List<String> stat) {
        long[] numbers =
                Arrays.stream(stat.getFirst().trim().split("\\s+"))
                        .skip(1)
                        .limit(CPU_NUMBERS)
                        .mapToLong(Long::parseLong)
                        .toArray();
        if (numbers.length < CPU_NUMBERS) {
            throw new IllegalArgumentException("unknown form of stat: " + stat.getFirst());
        }
        long all = Arrays.stream(numbers).sum();
        return new Ticks(all - numbers[IDLE] - numbers[IO_WAIT], all);
    }

    private static long bytes(List<String> memory, String name) {
        return memory.stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .map(line -> Long.parseLong(line.substring(name.length()).trim().split(" ")[0]))
                .map(kib -> kib * BYTES_PER_KIB)
                .orElseThrow(() -> new IllegalArgumentException("no " + name));
    }
}
