package io.nereid.server.measures;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How often values fell into which bucket, and their sum. Counting takes no lock: each bucket is
 * striped, so that threads that count at a time do not wait for one another. Any thread; a reading
 * may be torn between a bucket and the sum.
 */
public final class Histogram {
    /**
     * What was counted.
     *
     * @param limits upper limits of the buckets but the last, ascending, in the family's unit
     * @param counts values in each bucket alone, one more than there are limits
     * @param sum of all values in the family's unit, cut to a whole number
     */
    public record Reading(List<Double> limits, List<Long> counts, long sum) {
        public Reading {
            limits = List.copyOf(limits);
            counts = List.copyOf(counts);
        }
    }

    private final Buckets buckets;
    private final LongAdder[] counts;
    private final LongAdder sum = new LongAdder();

    /** A histogram that has counted nothing. */
    public Histogram(Buckets buckets) {
        this.buckets = buckets;
        this.counts =
                IntStream.range(0, buckets.size())
                        .mapToObj(_ -> new LongAdder())
                        .toArray(LongAdder[]::new);
    }

    /** Counts a value. */
    void add(long value) {
        add(1, value);
    }

    /** Counts a value several times. */
    void add(long times, long value) {
        counts[buckets.indexOf(value)].add(times);
        sum.add(times * value);
    }

    /** What has been counted until now. */
    public Reading read() {
        return new Reading(
                buckets.limits(),
                Stream.of(counts).map(LongAdder::sum).toList(),
                sum.sum() / buckets.scale());
    }
}
