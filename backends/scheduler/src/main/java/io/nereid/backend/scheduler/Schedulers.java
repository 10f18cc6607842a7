package io.nereid.backend.scheduler;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.scheduler.data.ModelData;
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
     * @param data what the model brings along to warm up and to begin sequences with
     * @return the model, ready for requests
     * @throws StatusException whatever an instance says when it cannot be opened; UNSUPPORTED for a
     *     batching strategy in native code; INVALID_ARG or INTERNAL if data cannot be had
     */
    public static @Owned Model open(
            ModelConfig config,
            long version,
            @Owned BackendModel model,
            List<InstanceSpec> instances,
            ModelData data,
            SchedulerContext context) {
        Function<InstanceOpener, Model> scheduler;
        boolean prepared = false;
        try {
            scheduler = scheduler(config, instances, data, context);
            prepared = true;
        } finally {
            if (!prepared) {
                model.close();
            }
        }
        WarmUp warmUp = new WarmUp(config, data.warmUp(), context.nanoTime());
        return scheduler.apply(sources ->
                InstancePool.open(config, version, model, instances, warmUp, sources, context));
    }

    /** What is to be put in front of the instances; they are opened by what it is given. */
    private static Function<InstanceOpener, Model> scheduler(
            ModelConfig config,
            List<InstanceSpec> instances,
            ModelData data,
            SchedulerContext context) {
        checkSupported(config);
        return switch (config.scheduling()) {
            case Scheduling.Direct _ ->
                    opener -> DirectScheduler.open(QUEUE_CAPACITY, opener, context);
            case Scheduling.DynamicBatching batching ->
                    opener -> dynamicBatcher(config, batching, opener, context);
            case Scheduling.SequenceBatching(var batching) -> {
                SequenceBatcher.Data own = SequenceBatcher.Data.open(config, batching, data);
                SequenceBatcher.Size size =
                        new SequenceBatcher.Size(
                                instances.stream()
                                        .filter(spec -> !spec.group().getPassive())
                                        .toList(),
                                QUEUE_CAPACITY);
                yield opener -> SequenceBatcher.open(config, batching, own, size, opener, context);
            }
            case Scheduling.Ensemble _ -> throw notInstances(config);
        };
    }

    private static @Owned DynamicBatcher dynamicBatcher(
            ModelConfig config,
            Scheduling.DynamicBatching batching,
            InstanceOpener instances,
            SchedulerContext context) {
        return DynamicBatcher.open(
                config,
                BatchPolicy.of(config, batching, QUEUE_CAPACITY),
                batching.policy().getPreserveOrdering(),
                instances,
                context);
    }

    private static void checkSupported(ModelConfig config) {
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
