package io.nereid.server.statistics;

import io.nereid.backend.EnsembleStep;
import io.nereid.protocol.ComputeNanos;
import java.util.concurrent.atomic.LongAdder;

/** What one step of an ensemble has done. Lock-free; any thread. */
final class StepCounter {
    private final LongAdder queue = new LongAdder();
    private final PhaseCounter compute = new PhaseCounter();
    private final LongAdder total = new LongAdder();

    /** It was answered once. */
    void add(long queueNanos, ComputeNanos nanos, long totalNanos) {
        queue.add(queueNanos);
        compute.add(1, nanos);
        total.add(totalNanos);
    }

    ModelStatistics.Step read(EnsembleStep step) {
        return new ModelStatistics.Step(
                step,
                compute.count(),
                queue.sum(),
                new ComputeNanos(
                        compute.input().nanos(), compute.infer().nanos(), compute.output().nanos()),
                total.sum());
    }
}
