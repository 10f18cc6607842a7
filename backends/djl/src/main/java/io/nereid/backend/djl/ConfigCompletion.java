package io.nereid.backend.djl;

import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;
import io.nereid.protocol.proto.ModelConfigProto.ModelTensorReshape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills a configuration from a model's inputs and outputs (model-config sections 13.2, 13.3). */
final class ConfigCompletion {
    private static final Logger log = LoggerFactory.getLogger(ConfigCompletion.class);
    private static final int DEFAULT_MAX_BATCH_SIZE = 4;

    private final ModelConfig config;
    private final ModelSignature signature;
    private final int defaultMaxBatchSize;

    ConfigCompletion(ModelConfig config, ModelSignature signature, int defaultMaxBatchSize) {
        this.config = config;
        this.signature = signature;
        this.defaultMaxBatchSize = defaultMaxBatchSize;
    }

    /**
     * Whether the model's files are asked at all.
     *
     * @throws StatusException INVALID_ARG if something is missing that the engine cannot tell
     */
    static boolean isNeeded(ModelConfig config, EngineProfile profile) {
        boolean complete =
                config.getInputCount() + config.getBatchInputCount() > 0
                        && config.getOutputCount() > 0;
        if (!profile.tellsSignature() && !complete) {
            throw StatusException.invalidArgument(
                    "unable to auto-complete model configuration for '"
                            + config.getName()
                            + "', DJL's engine "
                            + profile.name()
                            + " does not tell a model's inputs and outputs; 'input' and 'output'"
                            + " must be written in the configuration");
        }
        return profile.equals(EngineProfile.TENSORFLOW)
                || (profile.equals(EngineProfile.ONNX_RUNTIME) && !complete);
    }

    /** The largest batch of models that do not say, from the backend's settings. */
    static int batchSize(Map<String, String> settings) {
        String value = settings.getOrDefault("default-max-batch-size", "");
        try {
            return value.isEmpty() ? DEFAULT_MAX_BATCH_SIZE : Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw new StatusException(
                    StatusCode.INVALID_ARG,
                    "backend setting default-max-batch-size must be a number, found '"
                            + value
                            + "'",
                    e);
        }
    }

    /** Lists that are empty are filled, others stay as they are (section 13.2). */
    ModelConfig asOnnx() {
        boolean batchable = tensors().allMatch(ConfigCompletion::hasBatchDimension);
        if (!batchable && config.getMaxBatchSize() != 0) {
            throw StatusException.invalidArgument(
                    "autofill failed for model '"
                            + config.getName()
                            + "': model does not support batching while non-zero max_batch_size is"
                            + " specified");
        }
        ModelConfig.Builder completed = config.toBuilder();
        fillBatching(completed, batchable);
        boolean batches = completed.getMaxBatchSize() > 0;
        if (config.getInputCount() == 0) {
            signature.inputs().forEach(input -> completed.addInput(input(input, batches)));
        }
        if (config.getOutputCount() == 0) {
            signature.outputs().forEach(output -> completed.addOutput(output(output, batches)));
        }
        return completed.build();
    }

    /** Listed tensors are completed, inputs that are missing are added (section 13.3). */
    ModelConfig asSavedModel() {
        boolean batchable =
                tensors().allMatch(tensor -> rank(tensor) == 0 || hasBatchDimension(tensor));
        if (!batchable && config.getMaxBatchSize() > 0) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "unable to autofill for '"
                            + config.getName()
                            + "', configuration specified max-batch "
                            + config.getMaxBatchSize()
                            + " but model signature does not support batching");
        }
        boolean batching = batchable && defaultMaxBatchSize > 0 && new BatchingHint().allows();
        ModelConfig.Builder completed = config.toBuilder();
        fillBatching(completed, batching);
        boolean batches = completed.getMaxBatchSize() > 0;
        Set<String> known = new TreeSet<>();
        for (ModelInput.Builder input : completed.getInputBuilderList()) {
            known.add(named(input.getName()));
            find(input.getName(), signature.inputs())
                    .ifPresent(tensor -> complete(input, tensor, batches));
        }
        config.getBatchInputList().forEach(input -> known.addAll(input.getTargetNameList()));
        config.getSequenceBatching()
                .getControlInputList()
                .forEach(control -> known.add(control.getName()));
        config.getSequenceBatching()
                .getStateList()
                .forEach(state -> known.add(state.getInputName()));
        signature.inputs().stream()
                .filter(input -> !known.contains(input.name()))
                .forEach(input -> completed.addInput(input(input, batches)));
        for (ModelOutput.Builder output : completed.getOutputBuilderList()) {
            find(named(output.getName()), signature.outputs())
                    .ifPresent(tensor -> complete(output, tensor, batches));
        }
        if (config.getOutputCount() == 0) {
            signature.outputs().forEach(output -> completed.addOutput(output(output, batches)));
        }
        return completed.build();
    }

    private void fillBatching(ModelConfig.Builder completed, boolean batching) {
        if (batching && config.getMaxBatchSize() == 0) {
            completed.setMaxBatchSize(Math.max(0, defaultMaxBatchSize));
            log.warn(
                    "autofilled max_batch_size to {} for model '{}' since batching is supporrted"
                            + " but no max_batch_size is specified in model configuration. Must"
                            + " specify max_batch_size to utilize autofill with a larger max batch"
                            + " size",
                    completed.getMaxBatchSize(),
                    config.getName());
        }
        boolean unscheduled =
                config.getSchedulingChoiceCase()
                        == ModelConfig.SchedulingChoiceCase.SCHEDULINGCHOICE_NOT_SET;
        if (batching && unscheduled && completed.getMaxBatchSize() > 1) {
            completed.setDynamicBatching(
                    ModelConfigProto.ModelDynamicBatching.getDefaultInstance());
        }
    }

    private ModelInput input(TensorDescription tensor, boolean batches) {
        ModelInput.Builder input = ModelInput.newBuilder().setName(tensor.name());
        complete(input, tensor, batches);
        return input.build();
    }

    private ModelOutput output(TensorDescription tensor, boolean batches) {
        ModelOutput.Builder output = ModelOutput.newBuilder().setName(tensor.name());
        complete(output, tensor, batches);
        return output.build();
    }

    private void complete(ModelInput.Builder input, TensorDescription tensor, boolean batches) {
        if (input.getDataType() == ModelConfigProto.DataType.TYPE_INVALID) {
            tensor.type().ifPresent(type -> input.setDataType(type.configType()));
        }
        if (input.getDimsCount() == 0) {
            List<Long> dims = dims(tensor, batches, "and dimensions are not defined");
            input.addAllDims(dims.isEmpty() ? List.of(1L) : dims);
            if (dims.isEmpty() && batches) {
                input.setReshape(ModelTensorReshape.getDefaultInstance());
            }
        }
    }

    private void complete(ModelOutput.Builder output, TensorDescription tensor, boolean batches) {
        if (output.getDataType() == ModelConfigProto.DataType.TYPE_INVALID) {
            tensor.type().ifPresent(type -> output.setDataType(type.configType()));
        }
        if (output.getDimsCount() == 0) {
            List<Long> dims = dims(tensor, batches, "which is not supported");
            output.addAllDims(dims.isEmpty() ? List.of(1L) : dims);
            if (dims.isEmpty() && batches) {
                output.setReshape(ModelTensorReshape.getDefaultInstance());
            }
        }
    }

    private List<Long> dims(TensorDescription tensor, boolean batches, String failure) {
        Shape shape =
                tensor.shape()
                        .orElseThrow(() ->
                                StatusException.invalidArgument(
                                        "Unable to autofill for '"
                                                + config.getName()
                                                + "': the rank of model tensor '"
                                                + tensor.name()
                                                + "' is 0 "
                                                + failure));
        Shape item = batches && shape.rank() > 0 ? shape.withoutLeading() : shape;
        return java.util.Arrays.stream(item.toArray()).boxed().toList();
    }

    private static String named(String name) {
        if (name.isEmpty()) {
            throw StatusException.invalidArgument(
                    "'name' is a required field for all inputs/outputs.");
        }
        return name;
    }

    private Stream<TensorDescription> tensors() {
        return Stream.concat(signature.inputs().stream(), signature.outputs().stream());
    }

    private static boolean hasBatchDimension(TensorDescription tensor) {
        return tensor.shape()
                .filter(shape -> shape.rank() > 0 && shape.dim(0) == Shape.ANY)
                .isPresent();
    }

    private static int rank(TensorDescription tensor) {
        return tensor.shape().map(Shape::rank).orElse(0);
    }

    private static Optional<TensorDescription> find(String name, List<TensorDescription> tensors) {
        return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
    }

    /** What the ranks written in the configuration say about a batch dimension. */
    private final class BatchingHint {
        private boolean batching;
        private boolean notBatching;

        /**
         * @throws StatusException INTERNAL if they contradict each other
         */
        boolean allows() {
            for (ModelInput input : config.getInputList()) {
                if (input.getAllowRaggedBatch()) {
                    return true;
                }
                add(
                        input.getName(),
                        input.hasReshape()
                                ? input.getReshape().getShapeCount()
                                : input.getDimsCount(),
                        signature.inputs());
            }
            for (ModelOutput output : config.getOutputList()) {
                add(
                        output.getName(),
                        output.hasReshape()
                                ? output.getReshape().getShapeCount()
                                : output.getDimsCount(),
                        signature.outputs());
            }
            if (batching && notBatching) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "unable to autofill for '"
                                + config.getName()
                                + "', model tensor configurations are contradicting each other in"
                                + " terms of whether batching is supported");
            }
            return !notBatching;
        }

        private void add(String name, int dims, List<TensorDescription> tensors) {
            int rank = find(name, tensors).map(ConfigCompletion::rank).orElse(0);
            if (rank == 0 || dims == 0) {
                return;
            }
            if (dims == rank - 1) {
                batching = true;
            } else {
                notBatching = true;
            }
        }
    }
}
