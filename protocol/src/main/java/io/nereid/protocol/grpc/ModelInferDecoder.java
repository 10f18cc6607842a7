package io.nereid.protocol.grpc;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Decodes infer messages (gRPC protocol sections 8 to 10). The first fault in the order of section
 * 8 decides. Immutable; may be used from any thread.
 */
public final class ModelInferDecoder {
    private final TensorAllocator allocator;

    /**
     * @param allocator memory for tensors that come as typed contents
     */
    public ModelInferDecoder(TensorAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * The question that a message asks; the caller owns the request in the result. Its raw inputs
     * are parts of the message's block.
     *
     * @param message stays the caller's and may be closed afterwards
     * @param version what the message's version field says
     * @throws StatusException mostly INVALID_ARG, with the texts of gRPC protocol sections 8 to 10;
     *     UNSUPPORTED for long correlation ids and for shared memory
     */
    public DecodedInfer decode(ModelInferMessage message, OptionalLong version) {
        return decode(message, version, _ -> {});
    }

    /**
     * The same with one step more.
     *
     * @param beforeData is handed the request when all is known of it but its data, and may fail
     *     with a {@link StatusException}
     */
    public DecodedInfer decode(
            ModelInferMessage message,
            OptionalLong version,
            Consumer<InferenceRequest> beforeData) {
        ModelInferRequest header = message.header();
        InferenceRequest request = new InferenceRequest(header.getModelName(), version);
        boolean complete = false;
        try {
            request.setId(header.getId());
            boolean emptyFinalResponse =
                    RequestParameters.apply(header.getParametersMap(), request);
            checkInputNames(header, request);
            for (InferRequestedOutputTensor output : header.getOutputsList()) {
                request.addRequestedOutput(output.getName());
            }
            beforeData.accept(request);
            addInputs(message, request);
            DecodedInfer decoded =
                    new DecodedInfer(request, classification(header), emptyFinalResponse);
            complete = true;
            return decoded;
        } finally {
            if (!complete) {
                request.close();
            }
        }
    }

    /** Duplicates are refused before any data is looked at. */
    private static void checkInputNames(ModelInferRequest header, InferenceRequest request) {
        if (header.getInputsCount() < 2) {
            return;
        }
        Set<String> names = new HashSet<>();
        for (InferInputTensor input : header.getInputsList()) {
            if (!names.add(input.getName())) {
                throw request.duplicateInput(input.getName());
            }
        }
    }

    private void addInputs(ModelInferMessage message, InferenceRequest request) {
        int nextRaw = 0;
        for (InferInputTensor input : message.header().getInputsList()) {
            new TensorParameters(input.getName(), input.getParametersMap())
                    .sharedMemory()
                    .ifPresent(place -> refuseSharedMemory(place, input, request));
            DataType type = DataType.ofWireName(input.getDatatype());
            TensorBuffer data = data(message, nextRaw, input, type);
            nextRaw++;
            request.addInput(
                    new Tensor(input.getName(), type, Shape.of(input.getShapeList()), data));
        }
    }

    private static void refuseSharedMemory(
            TensorParameters.SharedMemory place, InferInputTensor input, InferenceRequest request) {
        if (input.hasContents()) {
            throw StatusException.invalidArgument(
                    "unexpected 'content' provided when using shared memory for "
                            + where(input, request.modelName()));
        }
        throw place.refusal(input.getName());
    }

    private @Owned TensorBuffer data(
            ModelInferMessage message, int nextRaw, InferInputTensor input, DataType type) {
        String model = message.header().getModelName();
        if (input.hasContents()) {
            if (message.rawContentsCount() > 0) {
                throw StatusException.invalidArgument(
                        "contents field must not be specified when using raw_input_contents for '"
                                + input.getName()
                                + "' for model '"
                                + model
                                + "'");
            }
            return new TypedContents(input.getContents(), type, input.getName(), model)
                    .toBuffer(allocator);
        }
        if (nextRaw >= message.rawContentsCount()) {
            throw StatusException.invalidArgument(
                    "unable to find data for " + where(input, model) + " in request.");
        }
        return message.rawContents(nextRaw);
    }

    private static String where(InferInputTensor input, String model) {
        return "input tensor '" + input.getName() + "' for model '" + model + "'";
    }

    private static Map<String, Long> classification(ModelInferRequest header) {
        Map<String, Long> classification = new LinkedHashMap<>();
        for (InferRequestedOutputTensor output : header.getOutputsList()) {
            TensorParameters parameters =
                    new TensorParameters(output.getName(), output.getParametersMap());
            Optional<TensorParameters.SharedMemory> place = parameters.sharedMemory();
            OptionalLong classes = parameters.classification();
            if (place.isPresent()) {
                if (classes.isPresent()) {
                    throw StatusException.invalidArgument(
                            "output can't set both 'shared_memory_region' and 'classification'");
                }
                throw place.get().refusal(output.getName());
            }
            classes.ifPresent(count -> classification.put(output.getName(), count));
        }
        return classification;
    }
}
