package io.nereid.load.report;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Latencies in few classes of growing width, as a histogram shows them. */
final class Bars {
    private static final int CLASSES = 16;

    /** Latencies beyond this percentile are one class. */
    private static final double LAST_PERCENTILE = 99.9;

    /**
     * A class of latencies.
     *
     * @param to upper bound, in nanoseconds
     */
    record Bar(long from, long to, long count) {}

    private Bars() {}

    /** Classes of equal width on a logarithmic scale; the last has all that is slower. */
    static List<Bar> of(Histogram latencies) {
        List<Bar> bars = new ArrayList<>();
        if (latencies.getTotalCount() == 0) {
            return bars;
        }
        double low = Math.max(1, latencies.getMinValue());
        double high = Math.max(low + 1, (double) latencies.getValueAtPercentile(LAST_PERCENTILE));
        double factor = Math.pow(high / low, 1.0 / CLASSES);
        long from = 0;
        for (int i = 1; i <= CLASSES; i++) {
            long to = (long) Math.ceil(low * Math.pow(factor, i));
            if (to > from) {
                bars.add(new Bar(from, to, between(latencies, from, to)));
                from = to;
            }
        }
        long slowest = latencies.getMaxValue() + 1;
        if (slowest > from) {
            bars.add(new Bar(from, slowest, between(latencies, from, slowest)));
        }
        return bars;
    }

    private static long between(Histogram latencies, long from, long to) {
        // Values share buckets: what lies in a bucket is counted where the bucket begins.
        return latencies.getCountBetweenValues(0, below(latencies, to))
                - (from == 0 ? 0 : latencies.getCountBetweenValues(0, below(latencies, from)));
    }

    private static long below(Histogram latencies, long value) {
        return Math.max(0, latencies.lowestEquivalentValue(value) - 1);
    }
}
