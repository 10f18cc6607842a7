package io.nereid.backend.scheduler.sequence;

/** One instance's slots, and how their requests become batches. Used as its book is. */
interface SlotBatches {
    /** A slot's first request may be another one now. */
    void offered(Slot slot);

    /** Takes a submitted request out. */
    void withdraw(Turn turn);

    /** Decides what the idle instance does. */
    Choice next(long nowNanos, boolean draining);
}
