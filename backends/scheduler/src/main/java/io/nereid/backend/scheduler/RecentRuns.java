package io.nereid.backend.scheduler;

import java.util.concurrent.TimeUnit;

/**
 * How long an instance's executions took of late, and whether the next one is worth a change of
 * threads (decision 0003). The first executions count as slow as can be, so that an instance has to
 * prove itself quick, and after a slow one again. Used by one thread at a time.
 */
final class RecentRuns {
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** What one execution weighs in the mean: 1 / 32. */
    private static final int WEIGHT_SHIFT = 5;

    private final long quickNanos;
    private long meanNanos = SLOW_NANOS;
    private long quickBytes;

    /**
     * @param quickNanos executions that are longer in the mean are left to the instance's own
     *     thread
     */
    RecentRuns(long quickNanos) {
        this.quickNanos = quickNanos;
    }

    /**
     * An execution has ended.
     *
     * @param byteSize of its inputs
     */
    void add(long byteSize, long nanos) {
        meanNanos += (nanos - meanNanos) >> WEIGHT_SHIFT;
        if (nanos <= quickNanos) {
            quickBytes = Math.max(quickBytes, byteSize);
        } else if (!isQuick()) {
            quickBytes = 0;
        }
    }

    long meanNanos() {
        return meanNanos;
    }

    /** Whether the last ones were quick. */
    boolean isQuick() {
        return quickNanos > 0 && meanNanos <= quickNanos;
    }

    /** Whether as many bytes have been quick as well since the last were not. */
    boolean isQuick(long byteSize) {
        return isQuick() && byteSize <= quickBytes;
    }
}
