package io.nereid.backend.scheduler.ratelimit;

import java.util.List;

/**
 * The place of one instance: {@link #stage} when there is work, {@link #await} the resources,
 * {@link #release} them afterwards. These are called on the instance's thread; everything else on
 * any thread. Closed when that thread has ended.
 */
public final class ExecutionSlot implements AutoCloseable {
    private final RateLimiter limiter;
    private final ModelSlots model;
    private final Slot slot;

    ExecutionSlot(RateLimiter limiter, ModelSlots model, Slot slot) {
        this.limiter = limiter;
        this.model = model;
        this.slot = slot;
    }

    /** Stands in line. Never blocks. */
    public void stage() {
        limiter.stage(slot);
    }

    /**
     * Waits for the resources.
     *
     * @return whether they are there, to be {@linkplain #release released}; if not, the instance
     *     was recalled and stands in line no more
     */
    public boolean await() {
        return limiter.await(slot);
    }

    /**
     * Gives the resources back.
     *
     * @param executed whether they were needed
     */
    public void release(boolean executed) {
        limiter.release(slot, executed);
    }

    /** Takes the instance out of the line, if it stands there, so that it looks for work anew. */
    public void recall() {
        limiter.recall(List.of(slot));
    }

    /** {@linkplain #recall Recalls} all instances of the model. */
    public void recallModel() {
        model.recallAll();
    }

    /** Executions that have ended. */
    public long executions() {
        return limiter.executions(slot);
    }

    /** Ends the instance's part; what it holds is free. */
    @Override
    public void close() {
        model.remove(slot);
    }
}
