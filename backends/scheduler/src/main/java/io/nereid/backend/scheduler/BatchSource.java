package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchClose;
import io.nereid.protocol.Tensor;
import java.util.List;

/** Where one instance gets its work. */
interface BatchSource {
    /**
     * Requests to execute together.
     *
     * @param items the requests, owned by who took them
     * @param close why there are not more of them
     */
    record Work(List<Batch.Item> items, BatchClose close) {
        /** Nothing to execute. */
        static final Work NONE = new Work(List.of(), BatchClose.IDLE);

        /** Bytes of the inputs of all requests. */
        long byteSize() {
            long size = 0;
            for (Batch.Item item : items) {
                size += Tensor.byteSize(item.request().inputs());
            }
            return size;
        }
    }

    /**
     * Waits for the next batch; the one before has been executed. Called on: the instance's thread.
     *
     * @param taker the instance
     * @return what to execute; without requests when there will be no more for this caller
     */
    Work take(Taker taker);

    /**
     * Waits until there is a batch to {@link #poll}. Called on: as {@link #take}, by those who need
     * something else as well before they execute.
     *
     * @return false when there will be no more for this caller
     */
    boolean awaitWork(Taker taker);

    /** Whether there is a batch to {@link #poll} now. */
    boolean hasWork();

    /**
     * The next batch if there is one now. Never waits.
     *
     * @return what to execute; {@link Work#NONE} if there is nothing, or another thread was faster
     */
    Work poll();

    /** Has a thread that waits here look whether its instance is retired. Any thread. */
    void wake();

    /** The instance that asked has gone; told when its thread has ended. */
    default void left() {}
}
