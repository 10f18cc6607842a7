package io.nereid.server.measures;

import io.nereid.protocol.ComputeNanos;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Quantiles of the phases of successful requests over the last minute, estimated by the official
 * Prometheus client within bounded memory. Each of the five observations of a request takes a lock
 * for some microseconds, which is why they are off unless asked for. Any thread.
 */
public final class PhaseSummaries {
    private static final long WINDOW_SECONDS = 60;
    private static final int WINDOW_BUCKETS = 5;

    private final Map<SummaryFamily, Summary> summaries = new EnumMap<>(SummaryFamily.class);
    private final Summary request;
    private final Summary queue;
    private final Summary input;
    private final Summary infer;
    private final Summary output;
    private final Summary cacheHit;
    private final Summary cacheMiss;

    /**
     * @param quantiles that are estimated
     */
    PhaseSummaries(List<MeasureSettings.Quantile> quantiles) {
        request = open(SummaryFamily.REQUEST, quantiles);
        queue = open(SummaryFamily.QUEUE, quantiles);
        input = open(SummaryFamily.COMPUTE_INPUT, quantiles);
        infer = open(SummaryFamily.COMPUTE_INFER, quantiles);
        output = open(SummaryFamily.COMPUTE_OUTPUT, quantiles);
        cacheHit = open(SummaryFamily.CACHE_HIT, quantiles);
        cacheMiss = open(SummaryFamily.CACHE_MISS, quantiles);
    }

    private Summary open(SummaryFamily family, List<MeasureSettings.Quantile> quantiles) {
        Summary.Builder builder =
                Summary.builder()
                        .name(family.familyName())
                        .help(family.help())
                        .maxAgeSeconds(WINDOW_SECONDS)
                        .numberOfAgeBuckets(WINDOW_BUCKETS)
                        .withoutExemplars();
        quantiles.forEach(quantile -> builder.quantile(quantile.rank(), quantile.error()));
        Summary summary = builder.build();
        summary.initLabelValues();
        summaries.put(family, summary);
        return summary;
    }

    /** A request was answered. */
    void answered(long queueNanos, long totalNanos) {
        request.observe(micros(totalNanos));
        queue.observe(micros(queueNanos));
    }

    /** A request was answered from the response cache. */
    void cacheHit(long nanos) {
        cacheHit.observe(micros(nanos));
    }

    /** A request was not found in the response cache, which cost it this time. */
    void cacheMiss(long nanos) {
        cacheMiss.observe(micros(nanos));
    }

    /** What a request took to compute. */
    void computed(ComputeNanos compute) {
        input.observe(micros(compute.input()));
        infer.observe(micros(compute.infer()));
        output.observe(micros(compute.output()));
    }

    private static double micros(long nanos) {
        return (double) TimeUnit.NANOSECONDS.toMicros(nanos);
    }

    /** What has been seen until now. */
    public SummaryDataPointSnapshot read(SummaryFamily family) {
        Summary summary = summaries.get(family);
        if (summary == null) {
            throw new IllegalStateException("no summary " + family);
        }
        return summary.collect().getDataPoints().getFirst();
    }
}
