package io.nereid.backend.djl;

import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;

/** Which DJL engine serves a model, and which file it reads. */
final class EngineChoice {
    private static final String PARAMETER = "engine";

    private EngineChoice() {}

    /**
     * The engine that the parameter {@code engine} names, else the one that stands for the
     * configuration's own backend or platform (a native backend taken over).
     *
     * @throws StatusException INVALID_ARG if neither tells
     */
    static EngineProfile profile(ModelConfigProto.ModelConfig config) {
        String named = parameter(config, PARAMETER);
        if (!named.isEmpty()) {
            return EngineProfile.of(named);
        }
        String platform = config.getPlatform();
        return switch (config.getBackend()) {
            case "onnxruntime" -> EngineProfile.ONNX_RUNTIME;
            case "tensorflow" -> EngineProfile.TENSORFLOW;
            case "pytorch" -> EngineProfile.PYTORCH;
            default -> {
                if (platform.startsWith("onnxruntime_")) {
                    yield EngineProfile.ONNX_RUNTIME;
                }
                if (platform.startsWith("tensorflow_")) {
                    yield EngineProfile.TENSORFLOW;
                }
                throw StatusException.invalidArgument(
                        "unable to load model '"
                                + config.getName()
                                + "', its configuration names no DJL engine; add parameters { key:"
                                + " \"engine\" value { string_value: \"OnnxRuntime\" } }");
            }
        };
    }

    /** Name of the model file or directory inside the version's directory. */
    static String filename(ModelConfigProto.ModelConfig config, EngineProfile profile) {
        String configured = config.getDefaultModelFilename();
        return configured.isEmpty() ? profile.defaultFile() : configured;
    }

    /** A free parameter, empty if there is none. */
    static String parameter(ModelConfigProto.ModelConfig config, String key) {
        return config.getParametersOrDefault(
                        key, ModelConfigProto.ModelParameter.getDefaultInstance())
                .getStringValue();
    }
}
