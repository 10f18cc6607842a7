package io.nereid.load.measure;

import io.nereid.load.pace.Tally;

/**
 * What was seen in a stretch of time.
 *
 * @param tally how requests ended
 * @param nanos its length
 * @param server what the server says of the same time
 * @param behindNanos how long the oldest request that was due has waited to be sent, at its end
 */
public record Window(Tally tally, long nanos, ServerSplit server, long behindNanos) {
    private static final double NANOS = 1e9;

    /** Answered requests per second. */
    public double perSecond() {
        return nanos == 0 ? 0 : tally.count() * NANOS / nanos;
    }

    /** The latency that counts: a percentile, or the mean for 0. */
    public double latencyNanos(int percentile) {
        return percentile == 0 ? tally.meanLatencyNanos() : tally.percentileNanos(percentile);
    }

    /** Two stretches, one after the other, as one. */
    Window plus(Window later) {
        Tally both = new Tally();
        both.add(tally);
        both.add(later.tally);
        return new Window(both, nanos + later.nanos, server.plus(later.server), later.behindNanos);
    }
}
