package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.ModelTensor;
import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.Shape;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig.SchedulingChoiceCase;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills in what a configuration leaves out and the graph tells (model-config section 13.2). */
final class Completion {
    private static final Logger log = LoggerFactory.getLogger(Completion.class);

    private final ModelConfigProto.ModelConfig.Builder config;
    private final OrtSignature signature;

    private Completion(ModelConfigProto.ModelConfig config, OrtSignature signature) {
        this.config = config.toBuilder();
        this.signature = signature;
    }

    /** Whether a configuration says all that could be filled in. */
    static boolean isNeedless(ModelConfigProto.ModelConfig config) {
        boolean hasInputs = config.getInputCount() > 0 || config.getBatchInputCount() > 0;
        return hasInputs && config.getOutputCount() > 0;
    }

    /**
     * The completed configuration.
     *
     * @throws InvalidConfigException if the configuration batches and the graph cannot
     */
    static ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, OrtSignature signature, int defaultBatchSize) {
        Completion completion = new Completion(config, signature);
        completion.completeBatching(defaultBatchSize);
        completion.completeTensors();
        return completion.config.build();
    }

    private void completeBatching(int defaultBatchSize) {
        if (!batches(signature.inputs().values()) || !batches(signature.outputs().values())) {
            if (config.getMaxBatchSize() != 0) {
                throw new InvalidConfigException(
                        "max_batch_size",
                        "autofill failed for model '"
                                + config.getName()
                                + "': model does not support batching while non-zero max_batch_size"
                                + " is specified",
                        new Advice(
                                "0, since the first dimension of a tensor does not vary",
                                String.valueOf(config.getMaxBatchSize()),
                                "remove max_batch_size, or export the model with a dynamic batch"
                                        + " dimension"));
            }
            return;
        }
        if (config.getMaxBatchSize() == 0) {
            config.setMaxBatchSize(Math.max(0, defaultBatchSize));
            log.warn(
                    "autofilled max_batch_size to {} for model '{}' since batching is supporrted"
                            + " but no max_batch_size is specified in model configuration. Must"
                            + " specify max_batch_size to utilize autofill with a larger max batch"
                            + " size",
                    config.getMaxBatchSize(),
                    config.getName());
        }
        if (config.getMaxBatchSize() > 1
                && config.getSchedulingChoiceCase()
                        == SchedulingChoiceCase.SCHEDULINGCHOICE_NOT_SET) {
            config.setDynamicBatching(ModelConfigProto.ModelDynamicBatching.getDefaultInstance());
        }
    }

    private static boolean batches(Collection<ModelTensor> tensors) {
        return tensors.stream()
                .map(tensor -> tensor.shape().orElse(Shape.EMPTY))
                .allMatch(shape -> shape.rank() > 0 && shape.dim(0) == Shape.ANY);
    }

    private void completeTensors() {
        if (config.getInputCount() == 0) {
            signature.inputs().values().forEach(this::addInput);
        }
        if (config.getOutputCount() == 0) {
            signature.outputs().values().forEach(this::addOutput);
        }
    }

    private void addInput(ModelTensor tensor) {
        Shape dims = dims(tensor);
        ModelConfigProto.ModelInput.Builder input =
                config.addInputBuilder()
                        .setName(tensor.name())
                        .setDataType(tensor.type().configType());
        if (dims.rank() > 0) {
            addAll(dims, input::addDims);
            return;
        }
        input.addDims(1);
        if (config.getMaxBatchSize() > 0) {
            input.setReshape(ModelConfigProto.ModelTensorReshape.getDefaultInstance());
        }
    }

    private void addOutput(ModelTensor tensor) {
        Shape dims = dims(tensor);
        ModelConfigProto.ModelOutput.Builder output =
                config.addOutputBuilder()
                        .setName(tensor.name())
                        .setDataType(tensor.type().configType());
        if (dims.rank() > 0) {
            addAll(dims, output::addDims);
            return;
        }
        output.addDims(1);
        if (config.getMaxBatchSize() > 0) {
            output.setReshape(ModelConfigProto.ModelTensorReshape.getDefaultInstance());
        }
    }

    private Shape dims(ModelTensor tensor) {
        Shape shape = tensor.shape().orElse(Shape.EMPTY);
        return config.getMaxBatchSize() > 0 ? shape.withoutLeading() : shape;
    }

    private static void addAll(Shape dims, java.util.function.LongConsumer target) {
        for (long dim : dims.toArray()) {
            target.accept(dim);
        }
    }
}
