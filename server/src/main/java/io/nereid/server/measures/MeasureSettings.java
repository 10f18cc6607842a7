package io.nereid.server.measures;

import java.util.List;

/**
 * What is measured besides the counters (metrics section 6).
 *
 * @param histograms durations of requests and their phases
 * @param firstResponses a histogram of the time until a request's first response
 * @param quantiles summaries show these; none switch summaries off
 * @param loadRatios a histogram of how much longer requests take than their computing
 */
public record MeasureSettings(
        boolean histograms, boolean firstResponses, List<Quantile> quantiles, boolean loadRatios) {
    /** Nothing besides the counters. */
    public static final MeasureSettings NONE = new MeasureSettings(false, false, List.of(), false);

    /** What a server measures unless it is told otherwise. */
    public static final MeasureSettings DEFAULT =
            new MeasureSettings(true, false, List.of(), false);

    public MeasureSettings {
        quantiles = List.copyOf(quantiles);
    }

    /**
     * A quantile that a summary shows.
     *
     * @param rank 0 to 1
     * @param error that is allowed to the rank, 0 to 1
     */
    public record Quantile(double rank, double error) {}
}
