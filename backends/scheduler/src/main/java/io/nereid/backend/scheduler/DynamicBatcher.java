package io.nereid.backend.scheduler;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The dynamic batcher (schedulers section 4): requests that wait at the same time and fit together
 * are executed as one batch. {@link BatchQueue} decides, instance threads carry it out.
 */
final class DynamicBatcher implements Model {
    private final InstancePool pool;
    private final GuardedQueue queue;

    private DynamicBatcher(GuardedQueue queue, @Owned InstancePool pool) {
        this.queue = queue;
        this.pool = pool;
    }

    /**
     * Opens the instances.
     *
     * @param preserveOrdering whether responses leave in the order in which requests arrived
     * @param instances opens the instances
     */
    static @Owned DynamicBatcher open(
            ModelConfig config,
            BatchPolicy policy,
            boolean preserveOrdering,
            InstanceOpener instances,
            SchedulerContext context) {
        GuardedQueue queue =
                new GuardedQueue(
                        new BatchQueue(policy, new BatchRule(config)),
                        preserveOrdering ? new ResponseOrder()::inOrder : UnaryOperator.identity(),
                        context);
        return new DynamicBatcher(queue, instances.open(_ -> queue.seat()));
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
    public Optional<Instances> instances() {
        return Optional.of(pool);
    }

    @Override
    public void close() {
        queue.close();
        pool.close();
    }
}
