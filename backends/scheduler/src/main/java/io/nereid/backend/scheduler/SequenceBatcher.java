package io.nereid.backend.scheduler;

import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.RunningBatch;
import io.nereid.backend.scheduler.data.ModelData;
import io.nereid.backend.scheduler.sequence.BatchAssembly;
import io.nereid.backend.scheduler.sequence.ControlTensors;
import io.nereid.backend.scheduler.sequence.InitialStates;
import io.nereid.backend.scheduler.sequence.SequencePolicy;
import io.nereid.backend.scheduler.sequence.Strategy;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import java.util.List;

/**
 * The sequence batcher (schedulers sections 9 to 13): the requests of one sequence go to one
 * instance, in their order, with what the sequence carries from one to the next.
 *
 * <p>Its instances cannot be exchanged while it answers, since sequences live in them: the model is
 * loaded anew instead.
 */
final class SequenceBatcher implements Model {
    private final InstancePool pool;
    private final SequenceQueue queue;
    private final Data data;

    private SequenceBatcher(SequenceQueue queue, @Owned InstancePool pool, @Owned Data data) {
        this.queue = queue;
        this.pool = pool;
        this.data = data;
    }

    /**
     * Opens the instances.
     *
     * @param data closed with the result, and also if this fails
     * @param instances opens the instances
     */
    static @Owned SequenceBatcher open(
            ModelConfig config,
            ModelSequenceBatching batching,
            @Owned Data data,
            Size size,
            InstanceOpener instances,
            SchedulerContext context) {
        SequenceQueue queue =
                new SequenceQueue(
                        SequencePolicy.of(config, batching, size.capacity()),
                        strategy(config, batching, size.capacity()),
                        size.instances().size(),
                        data.states()::begin,
                        new BatchAssembly(data.controls(), data.allocator(), context.nanoTime()),
                        context);
        boolean opened = false;
        try {
            InstancePool pool =
                    instances.open(spec -> queue.source(size.instances().indexOf(spec)));
            opened = true;
            return new SequenceBatcher(queue, pool, data);
        } finally {
            if (!opened) {
                data.close();
            }
        }
    }

    private static Strategy strategy(
            ModelConfig config, ModelSequenceBatching batching, int capacity) {
        BatchRule rule = new BatchRule(config);
        return switch (batching.getStrategyChoiceCase()) {
            case OLDEST ->
                    new Strategy.Oldest(
                            () -> OldestBatcher.of(config, batching.getOldest(), rule, capacity));
            case DIRECT, STRATEGYCHOICE_NOT_SET -> new Strategy.Direct(rule::allows);
        };
    }

    /**
     * How much there is.
     *
     * @param instances those that receive requests
     * @param capacity most requests that wait at a time
     */
    record Size(List<InstanceSpec> instances, int capacity) {
        Size {
            instances = List.copyOf(instances);
        }
    }

    /** The tensors that requests of all sequences share; owns them. */
    record Data(ControlTensors controls, InitialStates states, TensorAllocator allocator)
            implements AutoCloseable {
        /**
         * Makes them.
         *
         * @throws io.nereid.protocol.StatusException INVALID_ARG or INTERNAL if an initial state
         *     cannot be had
         */
        static @Owned Data open(
                ModelConfig config, ModelSequenceBatching batching, ModelData data) {
            InitialStates states =
                    InitialStates.open(
                            batching.getStateList(), config.batches(), data.initialStates());
            boolean opened = false;
            try {
                ControlTensors controls =
                        ControlTensors.open(
                                batching.getControlInputList(), config.batches(), data.allocator());
                opened = true;
                return new Data(controls, states, data.allocator());
            } finally {
                if (!opened) {
                    states.close();
                }
            }
        }

        @Override
        public void close() {
            controls.close();
            states.close();
        }
    }

    @Override
    public ModelConfig config() {
        return pool.config();
    }

    @Override
    public long version() {
        return pool.version();
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        queue.put(request, sender);
    }

    @Override
    public long pending() {
        return queue.size();
    }

    @Override
    public List<RunningBatch> running() {
        return pool.batches();
    }

    @Override
    public void close() {
        queue.close();
        try {
            pool.close();
        } finally {
            data.close();
        }
    }
}
