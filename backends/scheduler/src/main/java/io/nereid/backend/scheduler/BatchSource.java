package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Where an instance's thread gets its work. */
interface BatchSource {
    /**
     * Waits for the next batch. Called on: instance threads, several at a time.
     *
     * @param retired whether the caller's instance is to take no more; looked at whenever the
     *     caller is {@linkplain #wake woken}
     * @return requests to execute together, owned by the caller; empty when there will be no more
     *     for this caller
     */
    List<Batch.Item> take(BooleanSupplier retired);

    /** Has every thread that waits look whether it is retired. Any thread. */
    void wake();
}
