package io.nereid.backend.scheduler;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.function.Function;

/** Puts instances behind the scheduler that their configuration asks for. */
public final class Schedulers {
    /**
     * Most requests that wait for one model where its configuration names no number. Their bytes
     * are bounded by admission; this bounds the rest of them.
     */
    static final int QUEUE_CAPACITY = 1 << 16;

    private static final String CUSTOM_BATCHING = "TRITON_BATCH_STRATEGY_PATH";

    private Schedulers() {}

    /**
     * Opens the instances of a model version and starts one thread for each. Called on: control
     * threads.
     *
     * @param model the version's weights; closed with the result, and also if this fails
     * @param instances the instances to open, in order
     * @param warmUp what each instance executes before requests
     * @return the model, ready for requests
     * @throws StatusException whatever an instance says when it cannot be opened; UNSUPPORTED for a
     *     batching strategy in native code
     */
    public static @Owned Model open(
            ModelConfig config,
            long version,
            @Owned BackendModel model,
            List<InstanceSpec> instances,
            WarmUp warmUp,
            SchedulerContext context) {
        boolean opened = false;
        try {
            checkSupported(config);
            opened = true;
        } finally {
            if (!opened) {
                model.close();
            }
        }
        Function<BatchSource, InstancePool> pool =
                source ->
                        InstancePool.open(
                                config, version, model, instances, warmUp, source, context);
        return switch (config.scheduling()) {
            case Scheduling.Direct _ -> DirectScheduler.open(QUEUE_CAPACITY, pool, context);
            case Scheduling.DynamicBatching batching ->
                    dynamicBatcher(config, batching, pool, context);
            case Scheduling.SequenceBatching _ -> new UnsupportedSequences(config, version, model);
            case Scheduling.Ensemble _ -> throw notInstances(config);
        };
    }

    private static @Owned DynamicBatcher dynamicBatcher(
            ModelConfig config,
            Scheduling.DynamicBatching batching,
            Function<BatchSource, InstancePool> pool,
            SchedulerContext context) {
        return DynamicBatcher.open(
                config,
                BatchPolicy.of(config, batching, QUEUE_CAPACITY),
                batching.policy().getPreserveOrdering(),
                pool,
                context);
    }

    private static void checkSupported(ModelConfig config) {
        if (config.scheduling() instanceof Scheduling.Ensemble) {
            throw notInstances(config);
        }
        if (config.parameters().containsKey(CUSTOM_BATCHING)) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "parameter '"
                            + CUSTOM_BATCHING
                            + "' of model '"
                            + config.name()
                            + "' names a batching strategy in native code, which cannot be loaded;"
                            + " remove the parameter to use the built-in strategy");
        }
    }

    private static IllegalStateException notInstances(ModelConfig config) {
        return new IllegalStateException(
                "'" + config.name() + "' is an ensemble and has no instances to schedule");
    }
}
