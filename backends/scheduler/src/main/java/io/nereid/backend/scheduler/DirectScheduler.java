package io.nereid.backend.scheduler;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The default scheduler (schedulers section 3): every request is executed by itself, in order of
 * arrival, by the next free instance.
 */
final class DirectScheduler implements Model {
    private final InstancePool pool;
    private final GuardedQueue queue;

    private DirectScheduler(GuardedQueue queue, @Owned InstancePool pool) {
        this.queue = queue;
        this.pool = pool;
    }

    /**
     * Opens the instances.
     *
     * @param capacity most requests that wait at a time
     * @param instances opens the instances
     */
    static @Owned DirectScheduler open(
            int capacity, InstanceOpener instances, SchedulerContext context) {
        GuardedQueue queue =
                new GuardedQueue(new ArrivalOrder(capacity), UnaryOperator.identity(), context);
        return new DirectScheduler(queue, instances.open(_ -> queue.seat()));
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
