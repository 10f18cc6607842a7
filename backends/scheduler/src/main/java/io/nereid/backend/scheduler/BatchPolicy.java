package io.nereid.backend.scheduler;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.proto.ModelConfigProto.ModelQueuePolicy;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The numbers of a {@code dynamic_batching} block.
 *
 * @param preferred batch sizes to aim for; may be empty
 * @param largestPreferred largest of them, 0 if there are none
 * @param largest largest batch, at least 1
 * @param delayNanos longest wait of the oldest request for a better batch
 * @param timeoutNanos longest time in the queue, 0 for no limit
 * @param allowTimeoutOverride whether a request may shorten that time
 * @param capacity most requests that wait at a time
 */
record BatchPolicy(
        Set<Integer> preferred,
        int largestPreferred,
        int largest,
        long delayNanos,
        long timeoutNanos,
        boolean allowTimeoutOverride,
        int capacity) {

    /**
     * The policy of a model.
     *
     * @param defaultCapacity most waiting requests where the configuration names no number
     */
    static BatchPolicy of(
            ModelConfig config, Scheduling.DynamicBatching scheduling, int defaultCapacity) {
        Set<Integer> preferred = scheduling.preferredSizes();
        if (preferred.isEmpty() && config.batches()) {
            preferred = Set.of(config.maxBatchSize());
        }
        ModelQueuePolicy queue = scheduling.policy().getDefaultQueuePolicy();
        boolean rejects = queue.getTimeoutAction() == ModelQueuePolicy.TimeoutAction.REJECT;
        int limit =
                (int) Math.min(Integer.toUnsignedLong(queue.getMaxQueueSize()), defaultCapacity);
        return new BatchPolicy(
                preferred,
                preferred.isEmpty() ? 0 : Collections.max(preferred),
                Math.max(1, config.maxBatchSize()),
                micros(scheduling.maxQueueDelayMicros()),
                rejects ? micros(queue.getDefaultTimeoutMicroseconds()) : 0,
                queue.getAllowTimeoutOverride(),
                limit == 0 ? defaultCapacity : limit);
    }

    /** Time that a request may wait, 0 for no limit; a request can only shorten it. */
    long timeoutNanosFor(long requestedMicros) {
        long requested = micros(requestedMicros);
        boolean shorter = requested > 0 && requested < timeoutNanos;
        return allowTimeoutOverride && shorter ? requested : timeoutNanos;
    }

    /** Microseconds of an unsigned field in nanoseconds, cut off at what a clock can hold. */
    private static long micros(long unsigned) {
        return unsigned < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(unsigned);
    }
}
