package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** How a model's requests are scheduled: the oneof {@code scheduling_choice}. */
public sealed interface Scheduling {
    /** No choice: each request is executed as it is, in order of arrival. */
    record Direct() implements Scheduling {}

    /**
     * Requests are combined to batches (schedulers section 4).
     *
     * @param preferredSizes batch sizes to aim for; empty only without batch dimension
     * @param maxQueueDelayMicros longest wait of the oldest request for a better batch
     * @param policy the message, for queue policies and priorities
     */
    record DynamicBatching(
            Set<Integer> preferredSizes,
            long maxQueueDelayMicros,
            ModelConfigProto.ModelDynamicBatching policy)
            implements Scheduling {}

    /** Requests of one sequence go to one instance (schedulers section 9). */
    record SequenceBatching(ModelConfigProto.ModelSequenceBatching policy) implements Scheduling {}

    /** The model is a graph of other models (schedulers section 14). */
    record Ensemble(List<Step> steps) implements Scheduling {}

    /**
     * One step of an ensemble.
     *
     * @param modelName model to ask
     * @param modelVersion version to ask; empty for the newest that is ready
     * @param inputMap from the model's input to the ensemble's tensor
     * @param outputMap from the model's output to the ensemble's tensor
     */
    record Step(
            String modelName,
            OptionalLong modelVersion,
            Map<String, String> inputMap,
            Map<String, String> outputMap) {}
}
