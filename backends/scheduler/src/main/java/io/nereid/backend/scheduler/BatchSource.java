package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import java.util.List;

/** Where an instance's thread gets its work. */
interface BatchSource {
    /**
     * Waits for the next batch. Called on: instance threads, several at a time.
     *
     * @return requests to execute together, owned by the caller; empty when there will be no more
     */
    List<Batch.Item> take();
}
