package io.nereid.backend.scheduler;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * One model version in its engine: the weights, the instances, and a platform thread {@code
 * nereid-<model>-<n>} for each of them. Opened and closed by control threads.
 */
final class InstancePool implements AutoCloseable {
    private final ModelConfig config;
    private final long version;
    private final BackendModel model;
    private final SchedulerContext context;
    private final List<ModelInstance> instances = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private InstancePool(
            ModelConfig config, long version, @Owned BackendModel model, SchedulerContext context) {
        this.config = config;
        this.version = version;
        this.model = model;
        this.context = context;
    }

    /**
     * Opens all instances, one after the other. If one cannot be opened, those before it and the
     * model are closed.
     */
    static @Owned InstancePool open(
            ModelConfig config,
            long version,
            @Owned BackendModel model,
            List<InstanceSpec> specs,
            SchedulerContext context) {
        InstancePool pool = new InstancePool(config, version, model, context);
        boolean opened = false;
        try {
            for (InstanceSpec spec : specs) {
                pool.instances.add(model.openInstance(spec));
            }
            opened = true;
        } finally {
            if (!opened) {
                pool.close();
            }
        }
        return pool;
    }

    /** Configuration of the model. */
    ModelConfig config() {
        return config;
    }

    /** Version of the model. */
    long version() {
        return version;
    }

    /** Number of instances. */
    int size() {
        return instances.size();
    }

    /** Starts the threads; each executes what {@code source} hands out until that ends. */
    void start(BatchSource source) {
        for (int i = 0; i < instances.size(); i++) {
            InstanceLoop loop =
                    new InstanceLoop(config, version, instances.get(i), source, context);
            threads.add(
                    Thread.ofPlatform()
                            .name("nereid-" + config.name() + "-" + i)
                            .daemon()
                            .start(loop));
        }
    }

    /** Waits until the threads have come to the end of their source, and frees everything. */
    @Override
    public void close() {
        boolean interrupted = false;
        for (Thread thread : threads) {
            interrupted |= join(thread);
        }
        try {
            closeRest(instances.iterator());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for the end of a thread even if interrupted: its instance is still in use. */
    private static boolean join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    /** Closes the instances and then the model, whatever any of them throws. */
    private void closeRest(Iterator<ModelInstance> rest) {
        if (!rest.hasNext()) {
            model.close();
            return;
        }
        ModelInstance instance = rest.next();
        try {
            instance.close();
        } finally {
            closeRest(rest);
        }
    }
}
