package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig.SchedulingChoiceCase;
import java.util.function.Function;

/** Completes the configuration of a version: steps 8 to 10 of model-config section 1. */
final class ConfigCompletion {
    private final Function<String, Backend> engines;
    private final InstanceGroups groups;
    private final boolean autoComplete;

    /**
     * @param engines gives the engine of a name, or throws
     * @param autoComplete whether engines complete configurations
     */
    ConfigCompletion(
            Function<String, Backend> engines, InstanceGroups groups, boolean autoComplete) {
        this.engines = engines;
        this.groups = groups;
        this.autoComplete = autoComplete;
    }

    /**
     * Checks that nothing else than the engine is to serve the model: of the names of engines'
     * libraries only the usual one can be had.
     *
     * @throws InvalidConfigException if the configuration names another library
     */
    static void checkRuntime(ModelConfigProto.ModelConfig config, ModelFiles files) {
        String runtime = config.getRuntime();
        String usual = "libtriton_" + config.getBackend() + ".so";
        if (!runtime.isEmpty() && !runtime.equals(usual)) {
            throw new InvalidConfigException(
                    "runtime",
                    "unable to find backend library '"
                            + runtime
                            + "' for model '"
                            + config.getName()
                            + "', searched: '"
                            + files.versionDirectory()
                            + "' '"
                            + files.modelDirectory()
                            + "' ",
                    new Advice(usual, runtime, "remove runtime: engines are built in"));
        }
    }

    /**
     * The configuration with complete instance groups and what the engine knows.
     *
     * @param polled not an ensemble's
     * @throws StatusException if there is no such engine, if it refuses, or if an instance group
     *     breaks a rule
     */
    ModelConfigProto.ModelConfig complete(ModelConfigProto.ModelConfig polled, ModelFiles files) {
        Backend backend = engines.apply(polled.getBackend());
        ModelConfigProto.ModelConfig grouped = grouped(polled, backend);
        if (!autoComplete) {
            return grouped;
        }
        return ConfigDefaults.fill(merge(grouped, backend.complete(grouped, files)));
    }

    /**
     * The configuration with complete instance groups.
     *
     * @throws InvalidConfigException if an instance group breaks a rule
     */
    ModelConfigProto.ModelConfig grouped(ModelConfigProto.ModelConfig polled, Backend backend) {
        return groups.complete(polled, backend.preferredCpuInstances(), backend.acceptsAnyDevice());
    }

    /** Takes over what an engine may change, and nothing else (model-config section 13.1). */
    private static ModelConfigProto.ModelConfig merge(
            ModelConfigProto.ModelConfig config, ModelConfigProto.ModelConfig completed) {
        ModelConfigProto.ModelConfig.Builder merged =
                config.toBuilder()
                        .setMaxBatchSize(completed.getMaxBatchSize())
                        .clearInput()
                        .addAllInput(completed.getInputList())
                        .clearOutput()
                        .addAllOutput(completed.getOutputList());
        if (completed.hasModelTransactionPolicy()) {
            merged.setModelTransactionPolicy(completed.getModelTransactionPolicy());
        }
        SchedulingChoiceCase before = config.getSchedulingChoiceCase();
        SchedulingChoiceCase after = completed.getSchedulingChoiceCase();
        if (before != SchedulingChoiceCase.SCHEDULINGCHOICE_NOT_SET && before != after) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "Cannot update scheduling choice from "
                            + before.getNumber()
                            + " to "
                            + before.getNumber()
                            + " when auto-completing.");
        }
        if (before == SchedulingChoiceCase.SCHEDULINGCHOICE_NOT_SET) {
            switch (after) {
                case DYNAMIC_BATCHING -> merged.setDynamicBatching(completed.getDynamicBatching());
                case SEQUENCE_BATCHING ->
                        merged.setSequenceBatching(completed.getSequenceBatching());
                case ENSEMBLE_SCHEDULING, SCHEDULINGCHOICE_NOT_SET -> {}
            }
        }
        return merged.build();
    }
}
