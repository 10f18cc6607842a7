package io.nereid.server.measures;

import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.ModelConfig;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How the durations of one version's requests are distributed (metrics section 6): histograms and
 * summaries, as far as they are switched on. Counting takes no lock but that of summaries. Any
 * thread.
 */
public final class VersionMeasures {
    private static final long RATIO_SCALE = HistogramFamily.LOAD_RATIO.buckets().scale();

    private final BucketChoice buckets;
    private final Map<HistogramFamily, Histogram> histograms = new EnumMap<>(HistogramFamily.class);
    private final Optional<PhaseHistograms> phases;
    private final Optional<PhaseSummaries> summaries;
    private final Optional<Histogram> firstResponses;
    private final Optional<Histogram> loadRatios;

    private VersionMeasures(MeasureSettings settings, BucketChoice buckets) {
        this.buckets = buckets;
        phases =
                settings.histograms()
                        ? Optional.of(new PhaseHistograms(buckets::of))
                        : Optional.empty();
        summaries =
                settings.quantiles().isEmpty()
                        ? Optional.empty()
                        : Optional.of(new PhaseSummaries(settings.quantiles()));
        firstResponses = open(HistogramFamily.FIRST_RESPONSE, settings.firstResponses());
        loadRatios = open(HistogramFamily.LOAD_RATIO, settings.loadRatios());
    }

    private Optional<Histogram> open(HistogramFamily family, boolean wanted) {
        return wanted ? Optional.of(open(family)) : Optional.empty();
    }

    private Histogram open(HistogramFamily family) {
        Histogram histogram = new Histogram(buckets.of(family));
        histograms.put(family, histogram);
        return histogram;
    }

    /**
     * What is measured of a model, in the buckets that its configuration chooses; unknown families
     * there are named in the log.
     */
    public static VersionMeasures of(MeasureSettings settings, ModelConfig config) {
        return new VersionMeasures(settings, BucketChoice.of(config));
    }

    /** Nothing. */
    public static VersionMeasures none() {
        return new VersionMeasures(MeasureSettings.NONE, BucketChoice.NONE);
    }

    /** Whether it is to be told of first responses. */
    public boolean wantsFirstResponses() {
        return firstResponses.isPresent();
    }

    /** A request has its first response, or an error. */
    public void firstResponse(long nanos) {
        firstResponses.ifPresent(histogram -> histogram.add(TimeUnit.NANOSECONDS.toMillis(nanos)));
    }

    /** A request was answered with success. */
    public void answered(long queueNanos, long totalNanos) {
        phases.ifPresent(each -> each.answered(queueNanos, totalNanos));
        summaries.ifPresent(each -> each.answered(queueNanos, totalNanos));
    }

    /** A request was answered from the response cache. */
    public void cacheHit(long lookUpNanos) {
        answered(0, lookUpNanos);
        summaries.ifPresent(each -> each.cacheHit(lookUpNanos));
    }

    /** The response cache did not have an answer, and cost a request this time. */
    public void cacheMiss(long nanos) {
        summaries.ifPresent(each -> each.cacheMiss(nanos));
    }

    /** What a request that was answered took to compute. */
    public void computed(long totalNanos, ComputeNanos compute) {
        loadRatios.ifPresent(histogram -> histogram.add(ratio(totalNanos, compute)));
        summaries.ifPresent(each -> each.computed(compute));
    }

    /** What each request of an execution took to compute. */
    public void executed(int requests, ComputeNanos each) {
        phases.ifPresent(histograms -> histograms.computed(requests, each));
    }

    private static long ratio(long totalNanos, ComputeNanos compute) {
        long computing = Math.max(1, compute.input() + compute.infer() + compute.output());
        return Math.round((double) totalNanos / computing * RATIO_SCALE);
    }

    /** A histogram; empty if it is switched off. */
    public Optional<Histogram.Reading> histogram(HistogramFamily family) {
        return phases.flatMap(each -> each.read(family))
                .or(() -> Optional.ofNullable(histograms.get(family)).map(Histogram::read));
    }

    /** The summaries; empty if they are switched off. */
    public Optional<PhaseSummaries> summaries() {
        return summaries;
    }

    /**
     * The histogram of batch sizes, which needs no counting of its own.
     *
     * @param executions how many there were of each batch size
     */
    public Histogram.Reading batchSizes(Map<Long, Long> executions) {
        Histogram histogram = new Histogram(buckets.of(HistogramFamily.BATCH_SIZE));
        executions.forEach((size, count) -> histogram.add(count, size));
        return histogram.read();
    }
}
