package io.nereid.load.pace;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * How the requests of one loop, or of several, have ended. Times in nanoseconds. Used by one thread
 * at a time.
 */
public final class Tally {
    /** Kinds of failures that are kept apart. */
    private static final int MAX_REASONS = 20;

    private static final String OTHER = "other reasons";
    private static final int DIGITS = 3;

    private final Histogram latencies = new Histogram(DIGITS);
    private final Map<String, Long> failures = new TreeMap<>();
    private long sendNanos;
    private long receiveNanos;
    private long latencyNanos;
    private long responses;

    /**
     * A request was answered.
     *
     * @param latencyNanos since it was meant to be sent
     * @param sendNanos until it had been sent
     * @param receiveNanos from the first of the answer to the last
     * @param responses that the answer was made of
     */
    public void succeeded(long latencyNanos, long sendNanos, long receiveNanos, int responses) {
        this.responses += responses;
        latencies.recordValue(Math.max(0, latencyNanos));
        this.latencyNanos += latencyNanos;
        this.sendNanos += sendNanos;
        this.receiveNanos += receiveNanos;
    }

    /** A request failed. */
    public void failed(String reason) {
        String key = failures.size() < MAX_REASONS || failures.containsKey(reason) ? reason : OTHER;
        failures.merge(key, 1L, Long::sum);
    }

    /** Adds what another tally has. */
    public void add(Tally other) {
        latencies.add(other.latencies);
        other.failures.forEach((reason, count) -> failures.merge(reason, count, Long::sum));
        sendNanos += other.sendNanos;
        receiveNanos += other.receiveNanos;
        latencyNanos += other.latencyNanos;
        responses += other.responses;
    }

    /** Latencies of the answered requests; not to be changed. */
    public Histogram latencies() {
        return latencies;
    }

    /** The latency that so many percent of the answered requests do not exceed. */
    public double percentileNanos(int percentile) {
        return latencies.getValueAtPercentile(percentile);
    }

    /** The largest latency. */
    public double maxNanos() {
        return latencies.getMaxValue();
    }

    /** Number of answered requests. */
    public long count() {
        return latencies.getTotalCount();
    }

    /** Number of responses to the answered requests. */
    public long responses() {
        return responses;
    }

    /** Number of failed requests. */
    public long failureCount() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How often each kind of failure happened. */
    public Map<String, Long> failures() {
        return Map.copyOf(failures);
    }

    /** In the mean, 0 without answers. */
    public double meanLatencyNanos() {
        return mean(latencyNanos);
    }

    /** In the mean, 0 without answers. */
    public double meanSendNanos() {
        return mean(sendNanos);
    }

    /** In the mean, 0 without answers. */
    public double meanReceiveNanos() {
        return mean(receiveNanos);
    }

    private double mean(long sum) {
        return count() == 0 ? 0 : (double) sum / count();
    }
}
