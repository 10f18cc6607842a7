package io.nereid.backend.scheduler;

import io.nereid.backend.TestConfigs;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.Shape;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** The queue of a model {@code m} with the dynamic batcher, and requests to it. */
final class BatchingModel {
    private BatchingModel() {}

    private static ModelConfig config(String batching) {
        return TestConfigs.parse(
                "name: \"m\" max_batch_size: 8 dynamic_batching { "
                        + batching
                        + " } input [ { name: \"IN\" data_type: TYPE_FP32 dims: [ 1 ] } ]");
    }

    /**
     * A queue for 100 requests.
     *
     * @param batching what the configuration says of the dynamic batcher
     */
    static GuardedQueue queue(String batching, SchedulerContext context) {
        ModelConfig config = config(batching);
        if (!(config.scheduling() instanceof Scheduling.DynamicBatching dynamic)) {
            throw new AssertionError("no dynamic batching");
        }
        return new GuardedQueue(
                new BatchQueue(BatchPolicy.of(config, dynamic, 100), new BatchRule(config)),
                UnaryOperator.identity(),
                context);
    }

    /** A request of one row; closed by whoever takes it. */
    static InferenceRequest request(LeakCheckedAllocator allocator, long timeoutMicros) {
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.addInput(allocator.fp32("IN", Shape.of(1, 1), 0));
        request.setTimeoutMicros(timeoutMicros);
        config("").validator().validate(request);
        return request;
    }
}
