package io.nereid.server.measures;

import io.nereid.protocol.ComputeNanos;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Histograms of the phases of successful requests. Any thread; counting waits for nobody. */
final class PhaseHistograms {
    private final Part request;
    private final Part queue;
    private final Part input;
    private final Part infer;
    private final Part output;
    private final Map<HistogramFamily, Part> parts = new EnumMap<>(HistogramFamily.class);
    private final ThreadCells cells;

    /**
     * A histogram's place among the cells: its buckets, then the sum.
     *
     * @param first its first cell
     */
    private record Part(Buckets buckets, int first) {
        void add(long[] own, long times, long value) {
            ThreadCells.add(own, first + buckets.indexOf(value), times);
            ThreadCells.add(own, sum(), times * value);
        }

        int sum() {
            return first + buckets.size();
        }

        Histogram.Reading read(long[] numbers) {
            List<Long> counts = new ArrayList<>(buckets.size());
            for (int i = 0; i < buckets.size(); i++) {
                counts.add(numbers[first + i]);
            }
            return new Histogram.Reading(
                    buckets.limits(), counts, numbers[sum()] / buckets.scale());
        }
    }

    /**
     * @param buckets tells the buckets of a family
     */
    PhaseHistograms(Function<HistogramFamily, Buckets> buckets) {
        request = part(HistogramFamily.REQUEST, 0, buckets);
        queue = part(HistogramFamily.QUEUE, request.sum() + 1, buckets);
        input = part(HistogramFamily.COMPUTE_INPUT, queue.sum() + 1, buckets);
        infer = part(HistogramFamily.COMPUTE_INFER, input.sum() + 1, buckets);
        output = part(HistogramFamily.COMPUTE_OUTPUT, infer.sum() + 1, buckets);
        cells = new ThreadCells(output.sum() + 1);
    }

    private Part part(
            HistogramFamily family, int first, Function<HistogramFamily, Buckets> buckets) {
        Part part = new Part(buckets.apply(family), first);
        parts.put(family, part);
        return part;
    }

    /** A request was answered. */
    void answered(long queueNanos, long totalNanos) {
        long[] own = cells.own();
        request.add(own, 1, totalNanos);
        queue.add(own, 1, queueNanos);
    }

    /** What each of some requests took to compute. */
    void computed(int requests, ComputeNanos each) {
        long[] own = cells.own();
        input.add(own, requests, each.input());
        infer.add(own, requests, each.infer());
        output.add(own, requests, each.output());
    }

    /** A histogram; empty if the family is none of a phase. */
    Optional<Histogram.Reading> read(HistogramFamily family) {
        return Optional.ofNullable(parts.get(family)).map(part -> part.read(cells.read()));
    }
}
