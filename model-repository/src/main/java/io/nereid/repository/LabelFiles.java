package io.nereid.repository;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Files with the names of classes, one a line (repository section 18). */
final class LabelFiles {
    private LabelFiles() {}

    /**
     * The labels of every output that names a file.
     *
     * @param directory the model's directory
     * @throws StatusException UNSUPPORTED if a file lies outside of the model's directory, INTERNAL
     *     if one cannot be read
     */
    static Map<String, List<String>> read(ModelConfig config, Path directory) {
        Map<String, List<String>> labels = new HashMap<>();
        for (TensorSpec output : config.outputs().values()) {
            if (!output.labelFilename().isEmpty()) {
                labels.put(output.name(), read(config.name(), output, directory));
            }
        }
        return labels;
    }

    private static List<String> read(String model, TensorSpec output, Path directory) {
        Path file = directory.resolve(output.labelFilename());
        if (!isInside(file.toAbsolutePath().normalize(), directory.toAbsolutePath().normalize())) {
            throw outside(model, output, file);
        }
        try {
            // Once more with links followed.
            if (!isInside(file.toRealPath(), directory.toRealPath())) {
                throw outside(model, output, file);
            }
            return lines(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (IOException e) {
            String reason =
                    e instanceof NoSuchFileException ? "No such file or directory" : e.toString();
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "failed to open text file for read " + file + ": " + reason,
                    e);
        }
    }

    private static boolean isInside(Path file, Path directory) {
        return file.startsWith(directory);
    }

    private static StatusException outside(String model, TensorSpec output, Path file) {
        return new StatusException(
                StatusCode.UNSUPPORTED,
                "label file path '"
                        + file
                        + "' for output '"
                        + output.name()
                        + "' in model '"
                        + model
                        + "' is outside model directory");
    }

    /** A carriage return stays part of its label, as in the reference. */
    private static List<String> lines(String text) {
        String content = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        return text.isEmpty() ? List.of() : List.of(content.split("\n", -1));
    }
}
