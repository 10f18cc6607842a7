package io.nereid.server.trace;

import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Settings in force for some models, with their count of requests and traces (metrics section 10).
 * Replaced, not changed, when a client changes them; what is on its way keeps the one that it began
 * with. Any thread.
 */
public final class TraceSetting {
    private static final long NO_END = -1;

    private final Set<TraceLevel> levels;
    private final long rate;
    private final long logFrequency;
    private final AtomicLong remaining;
    private final AtomicLong seen = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();

    /**
     * @param rate every how many requests one is traced; 0 for none
     * @param count traces to take, -1 for no end
     * @param logFrequency traces per file, 0 for one file
     */
    TraceSetting(Set<TraceLevel> levels, long rate, long count, long logFrequency) {
        this.levels = Set.copyOf(levels);
        this.rate = rate;
        this.remaining = new AtomicLong(Math.max(NO_END, count));
        this.logFrequency = logFrequency;
    }

    /** What traces hold. */
    public Set<TraceLevel> levels() {
        return levels;
    }

    /** Traces per file, 0 for one file. */
    public long logFrequency() {
        return logFrequency;
    }

    /** Whether no more traces will be taken because all that were asked for have been. */
    public boolean isExhausted() {
        return remaining.get() == 0;
    }

    /** Traces that were begun. */
    public long begun() {
        return begun.get();
    }

    /** Traces that may still be taken, -1 for no end. */
    long remaining() {
        return remaining.get();
    }

    /** Counts a request; whether it is to be traced. */
    boolean take() {
        if (levels.isEmpty() || rate == 0 || seen.incrementAndGet() % rate != 0) {
            return false;
        }
        long before = remaining.getAndUpdate(left -> left > 0 ? left - 1 : left);
        if (before == 0) {
            return false;
        }
        begun.incrementAndGet();
        return true;
    }

    /** Whether a request is traced whose client has decided it; it does not count. */
    boolean takeDecided(boolean sampled) {
        boolean traced = sampled && !levels.isEmpty();
        if (traced) {
            begun.incrementAndGet();
        }
        return traced;
    }
}
