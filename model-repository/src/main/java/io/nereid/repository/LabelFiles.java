package io.nereid.repository;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files with the names of classes (repository section 18). */
final class LabelFiles {
    private LabelFiles() {}

    /**
     * Checks that every label file of a model is there.
     *
     * @throws StatusException UNSUPPORTED if one lies outside of the model's directory, INTERNAL if
     *     one cannot be read
     */
    static void check(ModelConfig config, Path directory) {
        for (TensorSpec output : config.outputs().values()) {
            if (!output.labelFilename().isEmpty()) {
                check(config.name(), output, directory);
            }
        }
    }

    private static void check(String model, TensorSpec output, Path directory) {
        Path file = directory.resolve(output.labelFilename());
        try {
            if (!resolved(file).startsWith(directory.toRealPath())) {
                throw new StatusException(
                        StatusCode.UNSUPPORTED,
                        "label file path '"
                                + file
                                + "' for output '"
                                + output.name()
                                + "' in model '"
                                + model
                                + "' is outside model directory");
            }
        } catch (IOException e) {
            throw unreadable(file, e.toString());
        }
        if (!Files.exists(file)) {
            throw unreadable(file, "No such file or directory");
        }
        if (!Files.isReadable(file)) {
            throw unreadable(file, "Permission denied");
        }
    }

    private static Path resolved(Path file) throws IOException {
        return Files.exists(file)
                ? file.toRealPath()
                : directoryOf(file).resolve(file.getFileName()).normalize();
    }

    private static Path directoryOf(Path file) throws IOException {
        Path parent = file.toAbsolutePath().normalize().getParent();
        return parent != null && Files.exists(parent) ? parent.toRealPath() : file.toAbsolutePath();
    }

    private static StatusException unreadable(Path file, String reason) {
        return new StatusException(
                StatusCode.INTERNAL, "failed to open text file for read " + file + ": " + reason);
    }
}
