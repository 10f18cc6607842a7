package io.nereid.backend.djl;

import io.nereid.protocol.DataType;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is known about a DJL engine before it is started.
 *
 * @param name the name that DJL knows it by
 * @param defaultFile model file or directory where the configuration names none
 * @param types element types that reach a model and come back with the same bytes; what is missing
 *     is refused by DJL, or changes values, or ends the process
 */
record EngineProfile(String name, String defaultFile, Set<DataType> types) {
    private static final Set<DataType> COMMON =
            EnumSet.of(
                    DataType.BOOL,
                    DataType.UINT8,
                    DataType.INT8,
                    DataType.INT32,
                    DataType.INT64,
                    DataType.FP32,
                    DataType.FP64);

    /** Texts are missing: the engine hands them over as modified UTF-8, one-dimensional only. */
    static final EngineProfile ONNX_RUNTIME =
            new EngineProfile("OnnxRuntime", "model.onnx", with(DataType.FP16, DataType.BF16));

    static final EngineProfile TENSORFLOW =
            new EngineProfile("TensorFlow", "model.savedmodel", with(DataType.BYTES));

    static final EngineProfile PYTORCH =
            new EngineProfile("PyTorch", "model.pt", with(DataType.FP16));

    private static final List<EngineProfile> KNOWN = List.of(ONNX_RUNTIME, TENSORFLOW, PYTORCH);

    /** The profile of an engine; letter case does not matter. */
    static EngineProfile of(String name) {
        return KNOWN.stream()
                .filter(profile -> profile.name.equalsIgnoreCase(name))
                .findFirst()
                .orElseGet(() -> new EngineProfile(name, "model", COMMON));
    }

    /** Whether a model's files tell its inputs and outputs with types and shapes. */
    boolean tellsSignature() {
        return equals(ONNX_RUNTIME) || equals(TENSORFLOW);
    }

    /** Name of the folder with the engine's jars. */
    String folder() {
        return name.toLowerCase(Locale.ROOT);
    }

    /** The carried types as configurations write them. */
    String typeNames() {
        return types.stream()
                .sorted()
                .map(type -> type.configType().name())
                .collect(Collectors.joining(", "));
    }

    private static Set<DataType> with(DataType... more) {
        Set<DataType> types = EnumSet.copyOf(COMMON);
        types.addAll(List.of(more));
        return types;
    }
}
