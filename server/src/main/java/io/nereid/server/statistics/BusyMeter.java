package io.nereid.server.statistics;

import io.nereid.backend.InstanceMeter;

/**
 * How long one instance has been executing. Written by one thread at a time, read from any.
 *
 * <p>One number tells everything, so that readers never see half of a change: while idle, the
 * nanoseconds of all executions; while busy, that less the time at which the present one began,
 * which is negative, since nobody is busy for longer than the meter is old. Adding the time gives
 * the nanoseconds then.
 */
final class BusyMeter implements InstanceMeter {
    private final long origin;
    private final Runnable afterClose;

    // Written by one thread at a time: adding to them needs no more than that readers see it.
    private volatile long state;
    private volatile int requests;

    /**
     * @param nowNanos when the instance was opened, in the clock of all later calls
     * @param afterClose run when it takes no more requests
     */
    BusyMeter(long nowNanos, Runnable afterClose) {
        this.origin = nowNanos - 1;
        this.afterClose = afterClose;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes
    public void begins(int newRequests, long nowNanos) {
        requests = newRequests;
        state -= nowNanos - origin;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time writes
    public void ends(long nowNanos) {
        state += nowNanos - origin;
        requests = 0;
    }

    @Override
    public void close() {
        afterClose.run();
    }

    /** Requests that are being executed. */
    int requests() {
        return requests;
    }

    /** Nanoseconds of all executions, of the present one until now. */
    long nanos(long nowNanos) {
        long now = state;
        return now < 0 ? now + nowNanos - origin : now;
    }
}
