package io.nereid.backend;

/**
 * Told what schedulers do; statistics, metrics and logs attach here. Called on instance threads;
 * must not block.
 */
public interface ExecutionListener {
    /** Does nothing. */
    ExecutionListener NONE = (batch, nanos) -> {};

    /**
     * An instance has executed a batch.
     *
     * @param batch the batch, borrowed
     * @param nanos duration of the execution
     */
    void executed(Batch batch, long nanos);
}
