package io.nereid.backend.scheduler.sequence;

import java.util.function.Consumer;

/** What the oldest strategy's requests of one instance go through. Used by one thread at a time. */
public interface SlotBatcher {
    /** Adds a request at the end. */
    void add(Turn turn);

    /** Takes a request out that is waiting. */
    void remove(Turn turn);

    /**
     * Decides what the idle instance does at {@code nowNanos}; the requests chosen are out.
     *
     * @param draining whether to hand out everything without waiting for better batches
     * @param cancelled told of requests that are out because their clients went away
     */
    Choice next(long nowNanos, boolean draining, Consumer<Turn> cancelled);
}
