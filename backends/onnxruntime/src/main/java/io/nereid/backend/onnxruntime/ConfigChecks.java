package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.ModelTensor;
import io.nereid.backend.foreign.SignatureChecks;
import io.nereid.backend.foreign.SignatureChecks.Direction;
import io.nereid.protocol.Advice;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.ControlInput;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compares a configuration with a graph (model-config section 14): controls, number of inputs,
 * inputs, outputs, states. The first difference decides.
 */
final class ConfigChecks {
    private final ModelConfig config;
    private final OrtSignature signature;
    private final SignatureChecks checks;

    private ConfigChecks(ModelConfig config, OrtSignature signature) {
        this.config = config;
        this.signature = signature;
        this.checks = new SignatureChecks(config.message());
    }

    /**
     * Compares all.
     *
     * @throws StatusException with the text of section 14 for the first difference
     */
    static void check(ModelConfig config, OrtSignature signature) {
        ConfigChecks all = new ConfigChecks(config, signature);
        all.checkControls();
        all.checkInputCount();
        config.message().getInputList().stream()
                .map(input -> config.inputs().get(input.getName()))
                .forEach(all::checkInput);
        config.outputs().values().forEach(all::checkOutput);
        all.checks.states(types(signature.inputs()), types(signature.outputs()));
    }

    private static Map<String, DataType> types(Map<String, ModelTensor> tensors) {
        Map<String, DataType> types = new HashMap<>();
        tensors.forEach((name, tensor) -> types.put(name, tensor.type()));
        return types;
    }

    private void checkInputCount() {
        ModelSequenceBatching sequences = config.message().getSequenceBatching();
        long optional =
                config.message().getInputList().stream()
                        .filter(input -> input.getOptional())
                        .count();
        checks.inputCount(
                config.message().getInputCount()
                        - (int) optional
                        + config.message().getBatchInputCount()
                        + sequences.getControlInputCount()
                        + sequences.getStateCount(),
                signature.inputs().keySet());
    }

    private void checkInput(TensorSpec input) {
        Set<String> allowed = new HashSet<>(signature.inputs().keySet());
        if (input.optional()) {
            allowed.addAll(signature.defaulted().keySet());
        }
        checks.knownName(Direction.INPUT, input.name(), allowed);
        ModelTensor provided = provided(input.name());
        checks.type(Direction.INPUT, input, provided);
        if (input.optional() && input.ragged()) {
            throw checks.refuse(
                    checks.pathOf(Direction.INPUT, input.name()) + ".optional",
                    "configuration expects model provides input with shape [-1]  for ragged input '"
                            + input.name()
                            + "', which is not supported for optional input",
                    Advice.fix("remove optional or allow_ragged_batch"));
        }
        if (input.optional() && config.batches()) {
            throw checks.refuse(
                    checks.pathOf(Direction.INPUT, input.name()) + ".optional",
                    "optional input '"
                            + input.name()
                            + "' is not supported for models that support batching",
                    new Advice(
                            "max_batch_size 0, or an input that every request brings",
                            "max_batch_size " + config.maxBatchSize() + " and optional: true",
                            "remove optional, or write max_batch_size: 0 and list the batch"
                                    + " dimension in dims"));
        }
        if (input.ragged()) {
            checks.ragged(input.name(), provided);
        } else {
            checkShape(Direction.INPUT, input, provided);
        }
    }

    private void checkOutput(TensorSpec output) {
        checks.knownName(Direction.OUTPUT, output.name(), signature.outputs().keySet());
        ModelTensor provided = provided(output.name());
        checks.type(Direction.OUTPUT, output, provided);
        if (config.scatterSource(output.name()).isPresent()) {
            checks.scattered(output.name(), provided);
        } else {
            checkShape(Direction.OUTPUT, output, provided);
        }
    }

    /** A tensor without dimensions is configured with dimensions of 1 where nothing batches. */
    private void checkShape(Direction direction, TensorSpec configured, ModelTensor provided) {
        if (config.batches() || !provided.isScalar()) {
            checks.shape(direction, configured, provided);
            return;
        }
        for (long dim : configured.modelDims().toArray()) {
            if (dim != 1) {
                throw checks.refuse(
                        checks.pathOf(direction, configured.name()) + ".dims",
                        "scalar tensor '"
                                + configured.name()
                                + "', should only provide 1 in the model configuration when the"
                                + " model doesn't support batching. Model configuration provided: "
                                + configured.modelDims()
                                + ".",
                        new Advice(
                                "dims: [1]", "dims: " + configured.modelDims(), "write dims: [1]"));
            }
        }
    }

    private void checkControls() {
        for (ControlInput input : config.message().getSequenceBatching().getControlInputList()) {
            ModelTensor provided = signature.inputs().get(input.getName());
            if (provided == null) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "configuration specified sequence control '"
                                + input.getName()
                                + "', but model does not provide that input");
            }
            checkControl(input, provided);
        }
    }

    private void checkControl(ControlInput input, ModelTensor provided) {
        Shape shape = provided.shape().orElse(Shape.EMPTY);
        if (config.batches() && shape.rank() > 0) {
            shape = shape.withoutLeading();
        }
        String control = "sequence control '" + input.getName() + "'";
        if (!shape.equals(Shape.of(1))) {
            throw checks.refuse(
                    control + " in model has dims " + shape + " but dims [1] is expected");
        }
        DataType wanted =
                input.getControlList().stream()
                        .map(SignatureChecks::controlType)
                        .flatMap(Optional::stream)
                        .findFirst()
                        .orElse(provided.type());
        if (provided.type() != wanted) {
            throw checks.refuse(
                    control
                            + ", the model expects data-type "
                            + OrtTypes.name(provided.type())
                            + " but the model configuration specifies data-type "
                            + wanted.configType());
        }
    }

    private ModelTensor provided(String name) {
        ModelTensor tensor = signature.inputs().get(name);
        if (tensor == null) {
            tensor = signature.defaulted().get(name);
        }
        if (tensor == null) {
            tensor = signature.outputs().get(name);
        }
        if (tensor == null) {
            throw new IllegalStateException("the graph has no tensor '" + name + "'");
        }
        return tensor;
    }
}
