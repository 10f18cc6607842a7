package io.nereid.backend.cache;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps what happens often from filling a log: lets one event through, then none for a while, and
 * counts those. Lock-free; any thread.
 */
public final class EventThrottle {
    private final long intervalNanos;
    private final LongSupplier nanoTime;
    private final AtomicLong suppressed = new AtomicLong();
    private final AtomicLong next;

    /**
     * @param intervalNanos least time between two events that are let through
     * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
     */
    public EventThrottle(long intervalNanos, LongSupplier nanoTime) {
        this.intervalNanos = intervalNanos;
        this.nanoTime = nanoTime;
        this.next = new AtomicLong(nanoTime.getAsLong());
    }

    /** It happened. If it is let through, how many were not since the last one that was. */
    public OptionalLong happened() {
        long now = nanoTime.getAsLong();
        long due = next.get();
        if (now - due < 0 || !next.compareAndSet(due, now + intervalNanos)) {
            suppressed.incrementAndGet();
            return OptionalLong.empty();
        }
        return OptionalLong.of(suppressed.getAndSet(0));
    }
}
