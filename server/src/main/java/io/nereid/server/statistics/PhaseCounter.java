package io.nereid.server.statistics;

import io.nereid.protocol.ComputeNanos;
import io.nereid.server.statistics.ModelStatistics.Duration;
import java.util.concurrent.atomic.LongAdder;

/** How often something was computed and how long each phase took in all. Lock-free; any thread. */
final class PhaseCounter {
    private final LongAdder count = new LongAdder();
    private final LongAdder input = new LongAdder();
    private final LongAdder infer = new LongAdder();
    private final LongAdder output = new LongAdder();

    /** It was computed that often, each time for that long. */
    void add(int times, ComputeNanos each) {
        count.add(times);
        input.add(times * each.input());
        infer.add(times * each.infer());
        output.add(times * each.output());
    }

    long count() {
        return count.sum();
    }

    Duration input() {
        return new Duration(count.sum(), input.sum());
    }

    Duration infer() {
        return new Duration(count.sum(), infer.sum());
    }

    Duration output() {
        return new Duration(count.sum(), output.sum());
    }
}
