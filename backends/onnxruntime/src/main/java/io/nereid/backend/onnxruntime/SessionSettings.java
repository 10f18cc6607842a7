package io.nereid.backend.onnxruntime;

import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.ComputeThreads;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a configuration says of its session (model-config sections 9.1 and 13.2).
 *
 * @param sharedThreads whether it uses the pool of all sessions; then the numbers that follow count
 *     for nothing
 * @param intraThreads threads within an operator
 * @param interThreads threads between operators, where operators run at the same time
 * @param parallel whether operators run at the same time
 * @param memoryArena whether the engine keeps freed memory, if the configuration says
 * @param memoryPattern whether the engine plans memory ahead, if the configuration says
 * @param optimization level in the engine's numbers
 * @param entries free settings of the session
 * @param arenaShrinkage devices whose kept memory is given back after each run, may be empty
 */
record SessionSettings(
        boolean sharedThreads,
        int intraThreads,
        int interThreads,
        boolean parallel,
        Optional<Boolean> memoryArena,
        Optional<Boolean> memoryPattern,
        int optimization,
        Map<String, String> entries,
        String arenaShrinkage) {
    private static final int OPTIMIZE_NOTHING = 0;
    private static final int OPTIMIZE_BASIC = 1;
    private static final int OPTIMIZE_EXTENDED = 2;
    private static final int OPTIMIZE_ALL = 99;
    private static final String INITIALIZERS = "session.use_device_allocator_for_initializers";

    /**
     * Reads the settings of a model.
     *
     * @throws StatusException INVALID_ARG for a value that is not allowed, or an accelerator that
     *     is not there
     */
    static SessionSettings of(ModelConfigProto.ModelConfig config, BackendEnvironment environment) {
        checkAccelerators(config);
        int share = defaultThreads(config, environment);
        int intra = integer(config, "intra_op_thread_count").orElse(0);
        int inter = integer(config, "inter_op_thread_count").orElse(0);
        boolean parallel = parallel(config);
        boolean shared =
                switch (GlobalThreads.of(environment).use()) {
                    case NOBODY -> false;
                    case WHO_ASKS_FOR_NOTHING_ELSE ->
                            intra <= 0 && inter <= 0 && !parallel && share > 1;
                    case EVERYBODY -> true;
                };
        return new SessionSettings(
                shared,
                intra > 0 ? intra : share,
                inter > 0 ? inter : share,
                parallel,
                integer(config, "enable_mem_arena").map(value -> value != 0),
                integer(config, "enable_mem_pattern").map(value -> value != 0),
                optimization(config.getOptimization().getGraph().getLevel()),
                entries(config),
                parameter(config, "memory.enable_memory_arena_shrinkage").orElse(""));
    }

    /** Threads that compute one execution. */
    ComputeThreads threads(GlobalThreads pool) {
        return sharedThreads
                ? new ComputeThreads(
                        pool.intra(), true, "--backend-config=onnxruntime,intra_op_thread_count")
                : new ComputeThreads(
                        parallel ? Math.max(intraThreads, interThreads) : intraThreads,
                        false,
                        "intra_op_thread_count");
    }

    /** All instances run at the same time, so that they share the cores. */
    private static int defaultThreads(
            ModelConfigProto.ModelConfig config, BackendEnvironment environment) {
        int instances =
                config.getInstanceGroupList().stream()
                        .filter(group -> !group.getPassive())
                        .mapToInt(group -> Math.max(1, group.getCount()))
                        .sum();
        return Math.max(1, environment.cores() / Math.max(1, instances));
    }

    private static boolean parallel(ModelConfigProto.ModelConfig config) {
        int mode = integer(config, "execution_mode").orElse(0);
        if (mode != 0 && mode != 1) {
            throw StatusException.invalidArgument(
                    "Invalid configuration value provided. Expected values for  execution_mode are"
                            + " 0 or 1 but got "
                            + mode
                            + " .");
        }
        return mode == 1;
    }

    private static int optimization(int level) {
        return switch (level) {
            case -1 -> OPTIMIZE_BASIC;
            case 1 -> OPTIMIZE_EXTENDED;
            case 2 -> OPTIMIZE_NOTHING;
            default -> OPTIMIZE_ALL;
        };
    }

    /** Idle threads sleep: spinning ones take the cores of other instances. */
    private static Map<String, String> entries(ModelConfigProto.ModelConfig config) {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put("session.intra_op.allow_spinning", "0");
        entries.put("session.inter_op.allow_spinning", "0");
        parameter(config, INITIALIZERS).ifPresent(value -> entries.put(INITIALIZERS, value));
        return entries;
    }

    private static void checkAccelerators(ModelConfigProto.ModelConfig config) {
        for (ModelConfigProto.ModelOptimizationPolicy.ExecutionAccelerators.Accelerator wanted :
                config.getOptimization()
                        .getExecutionAccelerators()
                        .getCpuExecutionAcceleratorList()) {
            if (wanted.getName().equals("openvino")) {
                throw StatusException.invalidArgument(
                        "unable to load model '"
                                + config.getName()
                                + "', Execution Accelerator 'openvino' is not part of this ONNX"
                                + " Runtime; remove it from the model configuration");
            }
            throw StatusException.invalidArgument(
                    "unknown Execution Accelerator '" + wanted.getName() + "' is requested");
        }
    }

    private static Optional<String> parameter(ModelConfigProto.ModelConfig config, String key) {
        return Optional.ofNullable(config.getParametersMap().get(key))
                .map(ModelConfigProto.ModelParameter::getStringValue);
    }

    private static Optional<Integer> integer(ModelConfigProto.ModelConfig config, String key) {
        Optional<String> text = parameter(config, key).map(String::strip);
        try {
            return text.map(value ->
                    switch (value) {
                        case "true" -> 1;
                        case "false" -> 0;
                        default -> Integer.parseInt(value);
                    });
        } catch (NumberFormatException e) {
            throw StatusException.invalidArgument(
                    "unable to load model '"
                            + config.getName()
                            + "', parameter '"
                            + key
                            + "' must be an integer, got '"
                            + text.orElse("")
                            + "'");
        }
    }
}
