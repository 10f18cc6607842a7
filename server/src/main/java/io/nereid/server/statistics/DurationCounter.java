package io.nereid.server.statistics;

import java.util.concurrent.atomic.LongAdder;

/** How often something happened and how long it took in all. Lock-free; any thread. */
final class DurationCounter {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    /** It happened once. */
    void add(long newNanos) {
        add(1, newNanos);
    }

    /** It happened several times. */
    void add(long times, long newNanos) {
        count.add(times);
        nanos.add(newNanos);
    }

    long count() {
        return count.sum();
    }

    ModelStatistics.Duration read() {
        return new ModelStatistics.Duration(count.sum(), nanos.sum());
    }
}
