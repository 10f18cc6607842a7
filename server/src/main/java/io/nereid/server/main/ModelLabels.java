package io.nereid.server.main;

import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Names of classes, read when a model is loaded (repository section 18). Look-ups come from event
 * loops and never touch a file.
 */
final class ModelLabels {
    private final Map<String, Map<String, List<String>>> byModel = new ConcurrentHashMap<>();

    /**
     * Reads the label files of a model. An output of an ensemble without a file has the labels of
     * the step's output that it comes from.
     *
     * @throws StatusException INTERNAL if a file cannot be read
     */
    void load(ModelConfig config, ModelFiles files) {
        Map<String, List<String>> byOutput = new HashMap<>();
        for (TensorSpec output : config.outputs().values()) {
            if (!output.labelFilename().isEmpty()) {
                byOutput.put(output.name(), read(files, output.labelFilename()));
            } else if (config.scheduling() instanceof Scheduling.Ensemble ensemble) {
                inherited(ensemble, output.name())
                        .ifPresent(labels -> byOutput.put(output.name(), labels));
            }
        }
        byModel.put(config.name(), Map.copyOf(byOutput));
    }

    /** The label of a class, if the output has labels and that many. */
    Optional<String> label(String model, String output, long index) {
        List<String> labels =
                byModel.getOrDefault(model, Map.of()).getOrDefault(output, List.of());
        return index < labels.size() ? Optional.of(labels.get((int) index)) : Optional.empty();
    }

    private Optional<List<String>> inherited(Scheduling.Ensemble ensemble, String tensor) {
        for (Scheduling.Step step : ensemble.steps()) {
            for (Map.Entry<String, String> output : step.outputMap().entrySet()) {
                if (output.getValue().equals(tensor)) {
                    return Optional.ofNullable(
                            byModel.getOrDefault(step.modelName(), Map.of())
                                    .get(output.getKey()));
                }
            }
        }
        return Optional.empty();
    }

    private static List<String> read(ModelFiles files, String name) {
        try {
            return List.copyOf(Files.readAllLines(files.modelDirectory().resolve(name)));
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "failed to open text file for read "
                            + files.modelDirectory().resolve(name)
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }
}
