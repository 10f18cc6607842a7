package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import java.util.concurrent.TimeUnit;

/**
 * The numbers of a {@code sequence_batching} block.
 *
 * @param model name of the model, for texts
 * @param slots sequences that one instance serves at a time
 * @param idleNanos how long a sequence may have nothing to do before its slot is taken from it
 * @param iterative whether a request may be executed several times (section 12)
 * @param capacity most requests that wait at a time
 * @param direct what the direct strategy waits for
 */
public record SequencePolicy(
        String model, int slots, long idleNanos, boolean iterative, int capacity, Direct direct) {
    private static final long DEFAULT_IDLE_MICROS = 1_000_000;

    /**
     * What the direct strategy waits for (section 10).
     *
     * @param delayNanos longest wait of the oldest request for fuller batches, 0 for none
     * @param enough ready requests that end the wait
     */
    public record Direct(long delayNanos, int enough) {}

    /**
     * The policy of a model.
     *
     * @param capacity most requests that wait at a time
     */
    public static SequencePolicy of(
            ModelConfig config, ModelSequenceBatching batching, int capacity) {
        int rows = Math.max(1, config.maxBatchSize());
        int candidates = batching.getOldest().getMaxCandidateSequences();
        long idle = batching.getMaxSequenceIdleMicroseconds();
        float utilization = batching.getDirect().getMinimumSlotUtilization();
        return new SequencePolicy(
                config.name(),
                candidates > 0 ? candidates : rows,
                nanos(idle == 0 ? DEFAULT_IDLE_MICROS : idle),
                batching.getIterativeSequence(),
                capacity,
                new Direct(
                        utilization > 0
                                ? nanos(batching.getDirect().getMaxQueueDelayMicroseconds())
                                : 0,
                        (int) Math.ceil((double) utilization * rows)));
    }

    /** Microseconds of an unsigned field in nanoseconds, cut off at what a clock can hold. */
    static long nanos(long unsignedMicros) {
        return unsignedMicros < 0
                ? Long.MAX_VALUE / 2
                : Math.min(Long.MAX_VALUE / 2, TimeUnit.MICROSECONDS.toNanos(unsignedMicros));
    }
}
