package io.nereid.load.data;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataResponse.TensorMetadata;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelEnsembling;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is to be known of a model to send it requests, out of its metadata and its configuration.
 *
 * @param maxBatchSize 0 if requests have no batch dimension
 * @param decoupled whether a request may have any number of responses
 * @param sequences whether requests belong to sequences
 * @param cached whether answers may come from a cache
 * @param steps names of the models that an ensemble asks, without repetition
 */
public record ModelShape(
        String name,
        int maxBatchSize,
        List<InputSpec> inputs,
        List<OutputSpec> outputs,
        boolean decoupled,
        boolean sequences,
        boolean cached,
        Set<String> steps) {

    /** What metadata and configuration say together. */
    public static ModelShape of(ModelMetadataResponse metadata, ModelConfig config) {
        boolean batches = config.getMaxBatchSize() > 0;
        List<InputSpec> inputs = new ArrayList<>();
        for (TensorMetadata input : metadata.getInputsList()) {
            ModelInput configured = configured(config, input.getName());
            boolean batched = batches && !configured.getIsShapeTensor();
            inputs.add(
                    new InputSpec(
                            input.getName(),
                            type(input),
                            dims(input, batched),
                            batched,
                            configured.getOptional()));
        }
        List<OutputSpec> outputs =
                metadata.getOutputsList().stream()
                        .map(output ->
                                new OutputSpec(
                                        output.getName(), type(output), dims(output, batches)))
                        .toList();
        Set<String> steps = new LinkedHashSet<>();
        config.getEnsembleScheduling().getStepList().stream()
                .map(ModelEnsembling.Step::getModelName)
                .forEach(steps::add);
        return new ModelShape(
                metadata.getName(),
                config.getMaxBatchSize(),
                List.copyOf(inputs),
                outputs,
                config.getModelTransactionPolicy().getDecoupled(),
                config.hasSequenceBatching(),
                config.getResponseCache().getEnable(),
                steps);
    }

    /**
     * Checks that requests may be as large as wanted.
     *
     * @throws StatusException INVALID_ARG if not
     */
    public void checkBatch(int batch) {
        if (batch > 1 && maxBatchSize == 0) {
            throw StatusException.invalidArgument(
                    "model '" + name + "' does not batch: leave out -b, or give -b 1");
        }
        if (maxBatchSize > 0 && batch > maxBatchSize) {
            throw StatusException.invalidArgument(
                    "model '"
                            + name
                            + "' takes batches of "
                            + maxBatchSize
                            + " at most, -b says "
                            + batch);
        }
    }

    private static ModelInput configured(ModelConfig config, String name) {
        return config.getInputList().stream()
                .filter(input -> input.getName().equals(name))
                .findFirst()
                .orElse(ModelInput.getDefaultInstance());
    }

    private static DataType type(TensorMetadata tensor) {
        DataType type = DataType.ofWireName(tensor.getDatatype());
        if (type == DataType.INVALID) {
            throw StatusException.invalidArgument(
                    "tensor '"
                            + tensor.getName()
                            + "' has the unknown type "
                            + tensor.getDatatype());
        }
        return type;
    }

    private static Shape dims(TensorMetadata tensor, boolean batched) {
        Shape shape = Shape.of(tensor.getShapeList());
        return batched && shape.rank() > 0 ? shape.withoutLeading() : shape;
    }
}
