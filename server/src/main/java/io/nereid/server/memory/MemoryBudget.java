package io.nereid.server.memory;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes that models take, against a limit if there is one. Any thread. */
final class MemoryBudget {
    private final OptionalLong limit;
    private final AtomicLong taken = new AtomicLong();

    /**
     * @param limit most bytes; empty for no limit
     */
    MemoryBudget(OptionalLong limit) {
        this.limit = limit;
    }

    /** Most bytes; as many as there are numbers if there is no limit. */
    long limit() {
        return limit.orElse(Long.MAX_VALUE);
    }

    /** Bytes taken. */
    long taken() {
        return taken.get();
    }

    /** Takes bytes if they are free. */
    boolean tryTake(long bytes) {
        long now = taken.get();
        while (limit.isEmpty() || bytes <= limit.getAsLong() - now) {
            long seen = taken.compareAndExchange(now, now + bytes);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    /** Takes bytes whether they are free or not: they are in use already. */
    void take(long bytes) {
        taken.addAndGet(bytes);
    }

    /** Gives bytes back. */
    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Whether more is taken than there is. */
    boolean isOverrun() {
        return taken.get() > limit();
    }
}
