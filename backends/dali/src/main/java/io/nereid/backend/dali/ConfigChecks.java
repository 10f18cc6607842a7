package io.nereid.backend.dali;

import io.nereid.backend.dali.pipeline.InputPort;
import io.nereid.backend.dali.pipeline.OutputPort;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

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
     * @throws StatusException INVALID_ARG with the text of the first rule that is broken
     */
    static void check(ModelConfig config, Pipeline pipeline, Set<String> merged) {
        ConfigChecks checks = new ConfigChecks(config, pipeline);
        checks.checkInputs();
        checks.checkOutputs(merged);
    }

    private void checkInputs() {
        if (config.inputs().isEmpty() && !pipeline.inputs().isEmpty()) {
            throw StatusException.invalidArgument("Missing inputs config.");
        }
        for (int i = 0; i < config.message().getInputCount(); i++) {
            requireName(config.message().getInput(i).getName(), "input", i);
        }
        Set<String> known = new HashSet<>();
        for (InputPort port : pipeline.inputs()) {
            known.add(port.name());
            TensorSpec spec =
                    config.input(port.name())
                            .orElseThrow(() ->
                                    StatusException.invalidArgument(
                                            "Missing config for \"" + port.name() + "\" input."));
            checkTensor(spec, port.type(), port.rank());
        }
        for (String name : config.inputs().keySet()) {
            if (!known.contains(name)) {
                throw StatusException.invalidArgument(
                        "Configuration file contains config for "
                                + name
                                + " but such input is not present in the pipeline.");
            }
        }
    }

    private void checkOutputs(Set<String> merged) {
        int configured = config.message().getOutputCount();
        if (configured == 0) {
            throw StatusException.invalidArgument("Missing outputs config.");
        }
        for (int i = 0; i < configured; i++) {
            requireName(config.message().getOutput(i).getName(), "output", i);
        }
        if (configured != pipeline.outputs().size()) {
            throw StatusException.invalidArgument(
                    "The number of outputs specified in the DALI pipeline and the configuration"
                            + " file do not match.\nModel config outputs: "
                            + configured
                            + "\nPipeline outputs: "
                            + pipeline.outputs().size());
        }
        List<TensorSpec> specs = new ArrayList<>(config.outputs().values());
        for (int i = 0; i < specs.size(); i++) {
            OutputPort port = pipeline.outputs().get(i);
            boolean split = merged.contains(specs.get(i).name());
            checkTensor(specs.get(i), port.type(), split ? OptionalInt.empty() : port.rank());
        }
    }

    private static void requireName(String name, String role, int index) {
        if (name.isEmpty()) {
            throw StatusException.invalidArgument(
                    "The "
                            + role
                            + " at index "
                            + index
                            + " in the model configuration does not contain a `name` field.");
        }
    }

    private void checkTensor(TensorSpec spec, Optional<ElementType> type, OptionalInt rank) {
        if (spec.type() == DataType.INVALID) {
            throw StatusException.invalidArgument(
                    "Missing data_type config for \"" + spec.name() + "\"");
        }
        if (spec.dims().rank() == 0) {
            throw StatusException.invalidArgument(
                    "Missing dims config for \"" + spec.name() + "\"");
        }
        if (type.isPresent() && type.get().dataType() != spec.type()) {
            throw StatusException.invalidArgument(
                    "Mismatch of data_type config for \""
                            + spec.name()
                            + "\".\nData type defined in config: "
                            + spec.type().configType()
                            + "\nData type defined in pipeline: "
                            + type.get().dataType().configType());
        }
        int configured = spec.modelDims().rank();
        int declared = rank.orElse(configured) + (rank.isPresent() && !config.batches() ? 1 : 0);
        if (configured != declared) {
            throw StatusException.invalidArgument(
                    "Mismatch in number of dimensions for \""
                            + spec.name()
                            + "\"\nNumber of dimensions defined in config: "
                            + configured
                            + "\nNumber of dimensions defined in pipeline: "
                            + declared);
        }
    }
}
