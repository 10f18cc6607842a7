package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchClose;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Where an instance's thread gets its work. */
interface BatchSource {
    /**
     * Requests to execute together.
     *
     * @param items the requests, owned by who took them
     * @param close why there are not more of them
     */
    record Work(List<Batch.Item> items, BatchClose close) {
        /** There will be no more. */
        static final Work NONE = new Work(List.of(), BatchClose.IDLE);
    }

    /**
     * Waits for the next batch; the one before has been executed. Called on: instance threads,
     * several at a time.
     *
     * @param retired whether the caller's instance is to take no more; looked at whenever the
     *     caller is {@linkplain #wake woken}
     * @return what to execute; {@link Work#NONE} when there will be no more for this caller
     */
    Work take(BooleanSupplier retired);

    /** Has every thread that waits look whether it is retired. Any thread. */
    void wake();
}
