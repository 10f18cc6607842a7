package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.ModelTensor;
import io.nereid.backend.foreign.SignatureChecks;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig.SchedulingChoiceCase;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.ControlInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.State;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills in what a configuration leaves out and a SavedModel tells (model-config section 13.3). */
final class TfCompletion {
    private static final Logger log = LoggerFactory.getLogger(TfCompletion.class);

    private final ModelConfigProto.ModelConfig.Builder config;
    private final TfSignature signature;

    private TfCompletion(ModelConfigProto.ModelConfig config, TfSignature signature) {
        this.config = config.toBuilder();
        this.signature = signature;
    }

    /**
     * The completed configuration.
     *
     * @throws StatusException with the text of section 13.3 if model and configuration contradict
     */
    static ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, TfSignature signature, int defaultBatchSize) {
        TfCompletion completion = new TfCompletion(config, signature);
        completion.checkNames();
        SignatureChecks.noOptionalInputs(config);
        completion.completeBatching(defaultBatchSize);
        completion.completeInputs();
        completion.completeOutputs();
        return completion.config.build();
    }

    private void checkNames() {
        boolean nameless =
                config.getInputList().stream().anyMatch(input -> input.getName().isEmpty())
                        || config.getOutputList().stream()
                                .anyMatch(output -> output.getName().isEmpty());
        if (nameless) {
            throw StatusException.invalidArgument(
                    "'name' is a required field for all inputs/outputs.");
        }
    }

    private void completeBatching(int defaultBatchSize) {
        if (!modelBatches()) {
            if (config.getMaxBatchSize() > 0) {
                throw internal(
                        "configuration specified max-batch "
                                + config.getMaxBatchSize()
                                + " but model signature does not support batching");
            }
            return;
        }
        boolean batching = new BatchHints(config, signature).batching();
        if (batching && config.getMaxBatchSize() == 0 && defaultBatchSize > 0) {
            config.setMaxBatchSize(defaultBatchSize);
            log.warn(
                    "autofilled max_batch_size to {} for model '{}' since batching is supporrted"
                            + " but no max_batch_size is specified in model configuration. Must"
                            + " specify max_batch_size to utilize autofill with a larger max batch"
                            + " size",
                    defaultBatchSize,
                    config.getName());
        }
        if (config.getMaxBatchSize() > 1
                && config.getSchedulingChoiceCase()
                        == SchedulingChoiceCase.SCHEDULINGCHOICE_NOT_SET) {
            config.setDynamicBatching(ModelConfigProto.ModelDynamicBatching.getDefaultInstance());
        }
    }

    private boolean modelBatches() {
        return Stream.concat(
                        signature.inputs().values().stream(), signature.outputs().values().stream())
                .map(port -> port.tensor().shape().orElse(Shape.EMPTY))
                .allMatch(shape -> shape.rank() == 0 || shape.dim(0) == Shape.ANY);
    }

    private void completeInputs() {
        Set<String> listed = new HashSet<>();
        for (ModelConfigProto.ModelInput.Builder input : config.getInputBuilderList()) {
            listed.add(input.getName());
            TfPort port = signature.inputs().get(input.getName());
            if (port != null) {
                completeInput(input, port.tensor());
            }
        }
        config.getBatchInputList().forEach(input -> listed.addAll(input.getTargetNameList()));
        config.getSequenceBatching().getControlInputList().stream()
                .map(ControlInput::getName)
                .forEach(listed::add);
        config.getSequenceBatching().getStateList().stream()
                .map(State::getInputName)
                .forEach(listed::add);
        for (TfPort port : signature.inputs().values()) {
            if (!listed.contains(port.tensor().name())) {
                completeInput(
                        config.addInputBuilder().setName(port.tensor().name()), port.tensor());
            }
        }
    }

    private void completeInput(ModelConfigProto.ModelInput.Builder input, ModelTensor tensor) {
        if (input.getDataType() == ModelConfigProto.DataType.TYPE_INVALID) {
            input.setDataType(tensor.type().configType());
        }
        if (input.getDimsCount() > 0) {
            return;
        }
        if (rank(tensor) == 0) {
            throw StatusException.invalidArgument(
                    unableToAutofill()
                            + "the rank of model tensor '"
                            + tensor.name()
                            + "' is 0 and dimensions are not defined");
        }
        List<Long> dims = dims(tensor);
        input.addAllDims(dims.isEmpty() ? List.of(1L) : dims);
        if (dims.isEmpty()) {
            input.setReshape(ModelConfigProto.ModelTensorReshape.getDefaultInstance());
        }
    }

    private void completeOutputs() {
        if (config.getOutputCount() == 0) {
            for (TfPort port : signature.outputs().values()) {
                completeOutput(
                        config.addOutputBuilder().setName(port.tensor().name()), port.tensor());
            }
            return;
        }
        for (ModelConfigProto.ModelOutput.Builder output : config.getOutputBuilderList()) {
            TfPort port = signature.outputs().get(output.getName());
            if (port != null) {
                completeOutput(output, port.tensor());
            }
        }
    }

    private void completeOutput(ModelConfigProto.ModelOutput.Builder output, ModelTensor tensor) {
        if (output.getDataType() == ModelConfigProto.DataType.TYPE_INVALID) {
            output.setDataType(tensor.type().configType());
        }
        if (output.getDimsCount() > 0) {
            return;
        }
        if (rank(tensor) == 0) {
            throw StatusException.invalidArgument(
                    unableToAutofill()
                            + "the rank of model tensor '"
                            + tensor.name()
                            + "' is 0 which is not supported");
        }
        List<Long> dims = dims(tensor);
        output.addAllDims(dims.isEmpty() ? List.of(1L) : dims);
        if (dims.isEmpty()) {
            output.setReshape(ModelConfigProto.ModelTensorReshape.getDefaultInstance());
        }
    }

    /** Extents without the batch dimension; empty for a tensor with nothing but that. */
    private List<Long> dims(ModelTensor tensor) {
        Shape shape = tensor.shape().orElse(Shape.EMPTY);
        Shape item = config.getMaxBatchSize() > 0 ? shape.withoutLeading() : shape;
        return Arrays.stream(item.toArray()).boxed().toList();
    }

    private static int rank(ModelTensor tensor) {
        return tensor.shape().map(Shape::rank).orElse(0);
    }

    private StatusException internal(String reason) {
        return new StatusException(
                StatusCode.INTERNAL,
                "unable to autofill for '" + config.getName() + "', " + reason);
    }

    private String unableToAutofill() {
        return "Unable to autofill for '" + config.getName() + "': ";
    }
}
