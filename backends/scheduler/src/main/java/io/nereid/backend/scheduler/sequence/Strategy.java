package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.InferenceRequest;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/** How requests of an instance's slots become batches. */
public sealed interface Strategy {
    /**
     * The place in the batch is that of the slot (section 10).
     *
     * @param rule whether a request may join a batch that begins with the first
     */
    record Direct(BiPredicate<InferenceRequest, InferenceRequest> rule) implements Strategy {}

    /**
     * One request of each slot at most goes through a dynamic batcher (section 11).
     *
     * @param batchers one for each instance
     */
    record Oldest(Supplier<SlotBatcher> batchers) implements Strategy {}
}
