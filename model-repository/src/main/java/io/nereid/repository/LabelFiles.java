package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
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
     * @throws InvalidConfigException UNSUPPORTED if a file lies outside of the model's directory,
     *     INTERNAL if one cannot be read
     */
    static Map<String, List<String>> read(ModelConfig config, Path directory) {
        Map<String, List<String>> labels = new HashMap<>();
        int index = 0;
        for (TensorSpec output : config.outputs().values()) {
            if (!output.labelFilename().isEmpty()) {
                String path = "output[" + index + "].label_filename";
                labels.put(output.name(), read(config.name(), output, directory, path));
            }
            index++;
        }
        return labels;
    }

    private static List<String> read(String model, TensorSpec output, Path directory, String path) {
        Path file;
        try {
            file = directory.resolve(output.labelFilename());
        } catch (InvalidPathException e) {
            throw outside(model, output, directory + "/" + output.labelFilename(), path);
        }
        if (!isInside(file.toAbsolutePath().normalize(), directory.toAbsolutePath().normalize())) {
            throw outside(model, output, file.toString(), path);
        }
        try {
            // Once more with links followed.
            if (!isInside(file.toRealPath(), directory.toRealPath())) {
                throw outside(model, output, file.toString(), path);
            }
            if (PlainFiles.isSpecial(file)) {
                throw new IOException("it " + PlainFiles.SPECIAL);
            }
            return lines(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (IOException e) {
            String reason =
                    e instanceof NoSuchFileException ? "No such file or directory" : e.toString();
            throw new InvalidConfigException(
                    StatusCode.INTERNAL,
                    path,
                    "failed to open text file for read " + file + ": " + reason,
                    new Advice(
                            "a file with one label a line, relative to the model's directory",
                            output.labelFilename(),
                            "add the file, or remove label_filename"));
        }
    }

    private static boolean isInside(Path file, Path directory) {
        return file.startsWith(directory);
    }

    private static InvalidConfigException outside(
            String model, TensorSpec output, String file, String path) {
        return new InvalidConfigException(
                StatusCode.UNSUPPORTED,
                path,
                "label file path '"
                        + file
                        + "' for output '"
                        + output.name()
                        + "' in model '"
                        + model
                        + "' is outside model directory",
                new Advice(
                        "a file in the model's directory",
                        output.labelFilename(),
                        "copy the file into the model's directory"));
    }

    /** A carriage return stays part of its label, as in the reference. */
    private static List<String> lines(String text) {
        String content = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        return text.isEmpty() ? List.of() : List.of(content.split("\n", -1));
    }
}
