package io.nereid.backend;

import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.Owned;

/**
 * Told what becomes of the requests to one version of a model; statistics and metrics attach here.
 * A request is told of before its last answer leaves, so that who has the answer finds it counted.
 * Requests that are refused at the door are not told of (validation section 17).
 *
 * <p>Called on: any thread, several at a time. Must not block or throw.
 */
public interface ExecutionListener {
    /** Does nothing. */
    ExecutionListener NONE =
            new ExecutionListener() {
                @Override
                public void executed(Execution execution) {}

                @Override
                public void responded(DecoupledResponse response) {}

                @Override
                public void failed(FailureReason reason, long nanos) {}
            };

    /** Requests have been executed together, and each has its answer. */
    void executed(Execution execution);

    /** A decoupled model has responded. */
    void responded(DecoupledResponse response);

    /**
     * A request has failed without having been executed.
     *
     * @param nanos from its arrival to its end
     */
    void failed(FailureReason reason, long nanos);

    /**
     * A request has been answered from the response cache (metrics section 5).
     *
     * @param lookUpNanos how long it took, from its arrival to its end
     */
    default void cacheHit(long lookUpNanos) {}

    /**
     * A request was not found in the response cache; it has been executed, told of by {@link
     * #executed}, and its answer has been offered to the cache.
     *
     * @param nanos for looking it up and inserting its answer, by which it took longer
     */
    default void cacheMiss(long nanos) {}

    /**
     * An instance begins to take requests; what is returned is told when it executes, and closed
     * when it takes no more.
     *
     * @param nowNanos the scheduler's clock
     */
    default @Owned InstanceMeter instanceOpened(long nowNanos) {
        return InstanceMeter.NONE;
    }

    /**
     * Ensembles: a step has been answered, as part of a request that may still run.
     *
     * @param queueNanos how long it waited, for a slot of the ensemble and in its model's queue
     * @param compute what its execution took
     * @param totalNanos from when its inputs were there until it was answered
     */
    default void stepped(
            EnsembleStep step, long queueNanos, ComputeNanos compute, long totalNanos) {}
}
