package io.nereid.backend.dali;

import io.nereid.backend.dali.pipeline.InputPort;
import io.nereid.backend.dali.pipeline.OutputPort;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.protocol.Advice;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Suggestions;
import io.nereid.protocol.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Compares a configuration with a pipeline (DALI section 4.4). A pipeline declares numbers of
 * dimensions but never extents, so extents cannot disagree.
 */
final class ConfigChecks {
    private final ModelConfig config;
    private final Pipeline pipeline;

    private ConfigChecks(ModelConfig config, Pipeline pipeline) {
        this.config = config;
        this.pipeline = pipeline;
    }

    /**
     * @param merged outputs whose outermost dimension becomes part of the batch dimension
     * @throws InvalidConfigException with the text of the first rule that is broken
     */
    static void check(ModelConfig config, Pipeline pipeline, Set<String> merged) {
        ConfigChecks checks = new ConfigChecks(config, pipeline);
        checks.checkInputs();
        checks.checkOutputs(merged);
    }

    private void checkInputs() {
        if (config.inputs().isEmpty() && !pipeline.inputs().isEmpty()) {
            throw new InvalidConfigException(
                    "input",
                    "Missing inputs config.",
                    Advice.fix("list the pipeline's inputs: " + inputNames()));
        }
        for (int i = 0; i < config.message().getInputCount(); i++) {
            requireName(config.message().getInput(i).getName(), "input", i);
        }
        for (InputPort port : pipeline.inputs()) {
            TensorSpec spec =
                    config.input(port.name()).orElseThrow(() -> missingInput(port.name()));
            checkTensor(spec, inputPath(port.name()), port.type(), port.rank());
        }
        for (String name : config.inputs().keySet()) {
            if (!inputNames().contains(name)) {
                throw new InvalidConfigException(
                        inputPath(name) + ".name",
                        "Configuration file contains config for "
                                + name
                                + " but such input is not present in the pipeline.",
                        unknownInput(name));
            }
        }
    }

    private InvalidConfigException missingInput(String name) {
        return new InvalidConfigException(
                "input",
                "Missing config for \"" + name + "\" input.",
                new Advice(
                        "an input for each of " + inputNames(),
                        config.inputs().keySet().toString(),
                        Suggestions.nearest(name, config.inputs().keySet())
                                .map(near -> "rename '" + near + "' to '" + name + "'")
                                .orElse("add input { name: \"" + name + "\" ... }")));
    }

    private Advice unknownInput(String name) {
        return new Advice(
                "one of " + inputNames(),
                name,
                Suggestions.rename(name, inputNames(), "remove the input"));
    }

    private NavigableSet<String> inputNames() {
        return pipeline.inputs().stream()
                .map(InputPort::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String inputPath(String name) {
        return "input[" + List.copyOf(config.inputs().keySet()).indexOf(name) + "]";
    }

    private void checkOutputs(Set<String> merged) {
        int configured = config.message().getOutputCount();
        if (configured == 0) {
            throw new InvalidConfigException(
                    "output",
                    "Missing outputs config.",
                    Advice.fix("list the pipeline's outputs in their order"));
        }
        for (int i = 0; i < configured; i++) {
            requireName(config.message().getOutput(i).getName(), "output", i);
        }
        if (configured != pipeline.outputs().size()) {
            throw new InvalidConfigException(
                    "output",
                    "The number of outputs specified in the DALI pipeline and the configuration"
                            + " file do not match.\nModel config outputs: "
                            + configured
                            + "\nPipeline outputs: "
                            + pipeline.outputs().size(),
                    new Advice(
                            pipeline.outputs().size() + " outputs, in the pipeline's order",
                            String.valueOf(configured),
                            "list every output of the pipeline once"));
        }
        List<TensorSpec> specs = new ArrayList<>(config.outputs().values());
        for (int i = 0; i < specs.size(); i++) {
            OutputPort port = pipeline.outputs().get(i);
            boolean split = merged.contains(specs.get(i).name());
            checkTensor(
                    specs.get(i),
                    "output[" + i + "]",
                    port.type(),
                    split ? OptionalInt.empty() : port.rank());
        }
    }

    private static void requireName(String name, String role, int index) {
        if (name.isEmpty()) {
            throw new InvalidConfigException(
                    role + "[" + index + "]",
                    "The "
                            + role
                            + " at index "
                            + index
                            + " in the model configuration does not contain a `name` field.",
                    Advice.fix("add name: \"...\" to this " + role));
        }
    }

    private void checkTensor(
            TensorSpec spec, String path, Optional<ElementType> type, OptionalInt rank) {
        if (spec.type() == DataType.INVALID) {
            throw new InvalidConfigException(
                    path + ".data_type",
                    "Missing data_type config for \"" + spec.name() + "\"",
                    Advice.fix("add data_type"));
        }
        if (spec.dims().rank() == 0) {
            throw new InvalidConfigException(
                    path + ".dims",
                    "Missing dims config for \"" + spec.name() + "\"",
                    Advice.fix("add dims"));
        }
        if (type.isPresent() && type.get().dataType() != spec.type()) {
            throw new InvalidConfigException(
                    path + ".data_type",
                    "Mismatch of data_type config for \""
                            + spec.name()
                            + "\".\nData type defined in config: "
                            + spec.type().configType()
                            + "\nData type defined in pipeline: "
                            + type.get().dataType().configType(),
                    new Advice(
                            type.get().dataType().configType().toString(),
                            spec.type().configType().toString(),
                            "write data_type: " + type.get().dataType().configType()));
        }
        int configured = spec.modelDims().rank();
        int declared = rank.orElse(configured) + (rank.isPresent() && !config.batches() ? 1 : 0);
        if (configured != declared) {
            throw new InvalidConfigException(
                    path + ".dims",
                    "Mismatch in number of dimensions for \""
                            + spec.name()
                            + "\"\nNumber of dimensions defined in config: "
                            + configured
                            + "\nNumber of dimensions defined in pipeline: "
                            + declared,
                    new Advice(
                            declared + " dimensions",
                            configured + ": " + spec.modelDims(),
                            "list "
                                    + declared
                                    + " dimensions, without the batch dimension if max_batch_size"
                                    + " is above 0"));
        }
    }
}
