package io.nereid.server.measures;

import io.nereid.protocol.ComputeNanos;
import java.util.function.Function;

/** Histograms of the phases of successful requests. Lock-free; any thread. */
final class PhaseHistograms {
    private final Histogram request;
    private final Histogram queue;
    private final Histogram input;
    private final Histogram infer;
    private final Histogram output;

    /**
     * @param open makes the histogram of a family
     */
    PhaseHistograms(Function<HistogramFamily, Histogram> open) {
        request = open.apply(HistogramFamily.REQUEST);
        queue = open.apply(HistogramFamily.QUEUE);
        input = open.apply(HistogramFamily.COMPUTE_INPUT);
        infer = open.apply(HistogramFamily.COMPUTE_INFER);
        output = open.apply(HistogramFamily.COMPUTE_OUTPUT);
    }

    /** A request was answered. */
    void answered(long queueNanos, long totalNanos) {
        request.add(totalNanos);
        queue.add(queueNanos);
    }

    /** What each of some requests took to compute. */
    void computed(int requests, ComputeNanos each) {
        input.add(requests, each.input());
        infer.add(requests, each.infer());
        output.add(requests, each.output());
    }
}
