package io.nereid.cache.redis;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps requests from waiting for a server that does not answer. After a failure nobody asks for a
 * while; then one asks, and if that is answered, all do again. Lock-free; any thread.
 */
final class Outage {
    private static final long NONE = Long.MIN_VALUE;

    private final long pauseNanos;
    private final LongSupplier nanoTime;

    /** When somebody may ask again, counted from {@link #begin}; {@link #NONE} for now. */
    private final AtomicLong next = new AtomicLong(NONE);

    private final long begin;

    /**
     * @param pauseNanos time without a question after a failure
     * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
     */
    Outage(long pauseNanos, LongSupplier nanoTime) {
        this.pauseNanos = pauseNanos;
        this.nanoTime = nanoTime;
        this.begin = nanoTime.getAsLong();
    }

    /** Whether the caller may ask; then it must tell what comes of it. */
    boolean mayAsk() {
        long due = next.get();
        if (due == NONE) {
            return true;
        }
        long now = now();
        return now >= due && next.compareAndSet(due, now + pauseNanos);
    }

    /** The server has answered. */
    void answered() {
        if (next.get() != NONE) {
            next.set(NONE);
        }
    }

    /** It has not, or could not be asked. */
    void failed() {
        next.set(now() + pauseNanos);
    }

    private long now() {
        return nanoTime.getAsLong() - begin;
    }
}
