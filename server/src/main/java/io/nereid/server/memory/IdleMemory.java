package io.nereid.server.memory;

import java.util.function.LongSupplier;

/**
 * Gives native memory back to the system that was needed for a while and is not any more, so that
 * one rush of large requests does not decide for ever how large the process is. Looks when it is
 * told to; by one thread at a time.
 */
public final class IdleMemory {
    /**
     * Freed bytes from which on the C library is asked to give them to the system: it takes some
     * milliseconds, and holds up whoever allocates meanwhile.
     */
    private static final long WORTH_TRIMMING = 1L << 20;

    private final LongSupplier releaseUnused;
    private final Runnable trim;
    private long freed;

    /**
     * @param releaseUnused frees what was not needed since the call before, and tells how many
     *     bytes that were
     */
    public IdleMemory(LongSupplier releaseUnused) {
        this(releaseUnused, NativeMemory::trim);
    }

    /**
     * The same with another memory.
     *
     * @param trim gives freed memory back to the system
     */
    IdleMemory(LongSupplier releaseUnused, Runnable trim) {
        this.releaseUnused = releaseUnused;
        this.trim = trim;
    }

    /** Frees what has not been needed since it looked last. */
    public void look() {
        freed += releaseUnused.getAsLong();
        if (freed >= WORTH_TRIMMING) {
            freed = 0;
            trim.run();
        }
    }
}
