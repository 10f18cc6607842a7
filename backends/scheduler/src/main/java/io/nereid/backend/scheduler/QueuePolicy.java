package io.nereid.backend.scheduler;

import io.nereid.protocol.proto.ModelConfigProto.ModelQueuePolicy;
import java.util.concurrent.TimeUnit;

/**
 * How long requests of one priority level may wait, and how many of them (schedulers section 5).
 *
 * @param maxSize most requests that wait at a time, 0 for no limit of the level's own
 * @param timeoutNanos longest time in the queue, 0 for no limit
 * @param delays whether a request that has waited for longer stays behind the others instead of
 *     being rejected
 * @param allowTimeoutOverride whether a request may shorten that time
 */
record QueuePolicy(long maxSize, long timeoutNanos, boolean delays, boolean allowTimeoutOverride) {
    /** Without any limit. */
    static final QueuePolicy UNLIMITED = new QueuePolicy(0, 0, false, false);

    static QueuePolicy of(ModelQueuePolicy policy) {
        return new QueuePolicy(
                Integer.toUnsignedLong(policy.getMaxQueueSize()),
                nanos(policy.getDefaultTimeoutMicroseconds()),
                policy.getTimeoutAction() == ModelQueuePolicy.TimeoutAction.DELAY,
                policy.getAllowTimeoutOverride());
    }

    /** Time that a request may wait, 0 for no limit; a request can only shorten it. */
    long timeoutNanosFor(long requestedMicros) {
        long requested = nanos(requestedMicros);
        boolean shorter = requested > 0 && requested < timeoutNanos;
        return allowTimeoutOverride && shorter ? requested : timeoutNanos;
    }

    /** Microseconds of an unsigned field in nanoseconds, cut off at what a clock can hold. */
    static long nanos(long unsignedMicros) {
        return unsignedMicros < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(unsignedMicros);
    }
}
