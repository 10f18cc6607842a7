package io.nereid.backend.scheduler;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import java.util.function.UnaryOperator;

/**
 * The default scheduler (schedulers section 3): every request is executed by itself, in order of
 * arrival, by the next free instance.
 */
final class DirectScheduler implements Model {
    private final InstancePool pool;
    private final GuardedQueue queue;

    /**
     * @param capacity most requests that wait at a time
     */
    DirectScheduler(@Owned InstancePool pool, int capacity, SchedulerContext context) {
        this.pool = pool;
        this.queue =
                new GuardedQueue(new ArrivalOrder(capacity), UnaryOperator.identity(), context);
        pool.start(queue);
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
    public void close() {
        queue.close();
        pool.close();
    }
}
