package io.nereid.backend.tensorflow;

import io.nereid.backend.ModelFiles;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A version's model on disk.
 *
 * @param format how it is stored
 * @param path the SavedModel's directory or the GraphDef's file
 */
record TfModelFile(Format format, Path path) {
    /** How TensorFlow stores models. */
    enum Format {
        SAVED_MODEL("tensorflow_savedmodel", "model.savedmodel"),
        GRAPH_DEF("tensorflow_graphdef", "model.graphdef");

        private final String platform;
        private final String defaultName;

        Format(String platform, String defaultName) {
            this.platform = platform;
            this.defaultName = defaultName;
        }
    }

    /** The format that a configuration's platform names. */
    static Format format(ModelConfigProto.ModelConfig config) {
        for (Format format : Format.values()) {
            if (format.platform.equals(config.getPlatform())) {
                return format;
            }
        }
        throw StatusException.invalidArgument(
                "platform "
                        + config.getPlatform()
                        + " not supported for TensorFlow model '"
                        + config.getName()
                        + "'");
    }

    /**
     * Finds the model of a version.
     *
     * @throws StatusException INVALID_ARG for another platform, UNAVAILABLE if there is none
     */
    static TfModelFile locate(ModelConfigProto.ModelConfig config, ModelFiles files) {
        Format format = format(config);
        String name = config.getDefaultModelFilename();
        Path path = files.modelFile(name.isEmpty() ? format.defaultName : name);
        if (!Files.exists(path)) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "unable to find '" + path + "' for model instance '" + config.getName() + "'");
        }
        return new TfModelFile(format, path);
    }

    /**
     * Refuses what the engine has no clear words for; a file that is not there is left to it.
     *
     * @throws StatusException INTERNAL if it is a directory or holds nothing
     */
    static void requireContent(Path file) {
        if (Files.isDirectory(file)) {
            throw unreadable(file, "it is a directory");
        }
        try {
            if (Files.exists(file) && Files.size(file) == 0) {
                throw unreadable(file, "it is empty");
            }
        } catch (IOException e) {
            throw new StatusException(StatusCode.INTERNAL, "unable to read " + file + ": " + e, e);
        }
    }

    private static StatusException unreadable(Path file, String reason) {
        return new StatusException(StatusCode.INTERNAL, "unable to read " + file + ": " + reason);
    }
}
