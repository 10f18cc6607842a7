package io.nereid.load.measure;

import java.util.OptionalLong;

/**
 * How long a load is measured.
 *
 * @param mode what ends a window
 * @param intervalMillis length of a window of time
 * @param requestCount number of answers in a window of answers
 * @param stabilityPercent how far windows may differ that count as the same
 * @param maxTrials number of windows after which it is given up
 * @param percentile the latency that must be stable; 0 for the mean
 * @param latencyThresholdMillis latency above which no more load is tried; 0 for none
 * @param totalRequests number of requests in all, in one window; if empty, windows are measured
 * @param warmupRequests number of requests before anything is measured
 */
public record Windows(
        Mode mode,
        long intervalMillis,
        long requestCount,
        double stabilityPercent,
        int maxTrials,
        int percentile,
        long latencyThresholdMillis,
        OptionalLong totalRequests,
        long warmupRequests) {

    /** What ends a window. */
    public enum Mode {
        /** Its time is over. */
        TIME_WINDOWS,
        /** There are enough answers, and a second has gone by. */
        COUNT_WINDOWS
    }
}
