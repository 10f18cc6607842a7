package io.nereid.protocol.fuzz;

import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Feeds mutated messages to a target for some seconds, on a thread of its own that a watchdog
 * follows. Input {@code n} follows from the seed and {@code n} alone, so that a failure is repeated
 * with {@code -Dnereid.fuzz.seed=SEED -Dnereid.fuzz.first=N}.
 */
public final class Fuzzer {
    private static final System.Logger log = System.getLogger(Fuzzer.class.getName());
    private static final long DEFAULT_SECONDS = 15;

    /** No input of a few thousand bytes may take as long as this. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final long seed;
    private final long first;
    private final long nanos;
    private final AtomicLong inputs = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong inputStart = new AtomicLong();
    private final AtomicReference<byte[]> input = new AtomicReference<>(new byte[0]);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private Fuzzer(long seed, long first, long nanos) {
        this.seed = seed;
        this.first = first;
        this.nanos = nanos;
    }

    /** As the properties {@code nereid.fuzz.*} say; by default some seconds from a new seed. */
    public static Fuzzer ofProperties() {
        return new Fuzzer(
                Long.getLong("nereid.fuzz.seed", System.nanoTime()),
                Long.getLong("nereid.fuzz.first", 0),
                TimeUnit.SECONDS.toNanos(Long.getLong("nereid.fuzz.seconds", DEFAULT_SECONDS)));
    }

    /**
     * Runs until the time is over.
     *
     * @throws AssertionError at the first input that is not taken as it must be, or that takes
     *     longer than it may; it says how to repeat it
     */
    public void run(String name, FuzzTarget target, Mutator mutator) throws InterruptedException {
        inputStart.set(System.nanoTime());
        Thread worker = new Thread(() -> feed(target, mutator), "fuzz-" + name);
        worker.setDaemon(true);
        worker.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
        worker.start();
        while (worker.isAlive()) {
            worker.join(100);
            if (worker.isAlive() && System.nanoTime() - inputStart.get() > LONGEST_NANOS) {
                AssertionError slow = new AssertionError(describe(name) + " does not end");
                slow.setStackTrace(worker.getStackTrace());
                throw slow;
            }
        }
        if (failure.get() != null) {
            throw new AssertionError(describe(name) + " fails", failure.get());
        }
        log.log(
                System.Logger.Level.INFO,
                name + ": " + inputs + " inputs, " + accepted + " accepted, seed " + seed);
    }

    private void feed(FuzzTarget target, Mutator mutator) {
        long end = System.nanoTime() + nanos;
        for (long number = first; System.nanoTime() < end; number++) {
            input.set(mutator.next(new Random(seed + number * GOLDEN_RATIO)));
            inputStart.set(System.nanoTime());
            inputs.incrementAndGet();
            if (target.accept(input.get())) {
                accepted.incrementAndGet();
            }
        }
    }

    /** Inputs that the target accepted. */
    public long accepted() {
        return accepted.get();
    }

    private String describe(String name) {
        return name
                + ": input "
                + HexFormat.of().formatHex(input.get())
                + " (-Dnereid.fuzz.seed="
                + seed
                + " -Dnereid.fuzz.first="
                + (first + inputs.get() - 1)
                + ")";
    }
}
