package io.nereid.repository;

import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a model file's name tells about the engine that serves it. */
final class BareModels {
    /** Names that engines look for by themselves, most usual first, by extension. */
    private static final Map<String, String> PLATFORMS = platforms();

    private BareModels() {}

    private static Map<String, String> platforms() {
        Map<String, String> platforms = new LinkedHashMap<>();
        platforms.put("onnx", "onnxruntime_onnx");
        platforms.put("savedmodel", "tensorflow_savedmodel");
        platforms.put("graphdef", "tensorflow_graphdef");
        platforms.put("pb", "tensorflow_graphdef");
        platforms.put("pt", "pytorch_libtorch");
        platforms.put("pt2", "torch_aoti");
        return platforms;
    }

    /** Whether a file of that name can be served by itself. */
    static boolean isModelFile(String file) {
        return PLATFORMS.containsKey(extension(file));
    }

    /** Whether an engine looks for a file of that name by itself. */
    static boolean isUsualFile(String file) {
        return file.startsWith("model.")
                && file.equals("model." + extension(file))
                && isModelFile(file);
    }

    /** The model file in a directory, if it has one with the name that an engine expects. */
    static Optional<String> in(Path directory) {
        return PLATFORMS.keySet().stream()
                .map(extension -> "model." + extension)
                .filter(file -> Files.exists(directory.resolve(file)))
                .findFirst();
    }

    /** The configuration with the platform of a file, where it leaves that open. */
    static ModelConfigProto.ModelConfig withFile(ModelConfigProto.ModelConfig config, String file) {
        ModelConfigProto.ModelConfig.Builder builder = config.toBuilder();
        if (config.getDefaultModelFilename().isEmpty()) {
            builder.setDefaultModelFilename(file);
        }
        if (config.getPlatform().isEmpty() && config.getBackend().isEmpty()) {
            builder.setPlatform(PLATFORMS.getOrDefault(extension(file), "tensorflow_savedmodel"));
        }
        return builder.build();
    }

    /** A file's name without its extension. */
    static String stem(String file) {
        return isModelFile(file) ? file.substring(0, file.lastIndexOf('.')) : file;
    }

    private static String extension(String file) {
        return file.substring(file.lastIndexOf('.') + 1);
    }
}
