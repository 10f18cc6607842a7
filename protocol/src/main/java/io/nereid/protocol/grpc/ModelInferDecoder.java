package io.nereid.protocol.grpc;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import java.util.HashSet;
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
    private final SharedMemory memory;

    /**
     * @param allocator memory for tensors that come as typed contents or from shared memory
     * @param memory where inputs and outputs may lie
     */
    public ModelInferDecoder(TensorAllocator allocator, SharedMemory memory) {
        this.allocator = allocator;
        this.memory = memory;
    }

    /**
     * The question that a message asks; the caller owns the request and the shared outputs in the
     * result. Its raw inputs are parts of the message's block.
     *
     * @param message stays the caller's and may be closed afterwards
     * @param version what the message's version field says
     * @throws StatusException mostly INVALID_ARG, with the texts of gRPC protocol sections 8 to 10;
     *     UNSUPPORTED for long correlation ids; also what {@link SharedMemory} throws
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
            RequestedOutputs outputs = RequestedOutputs.open(header.getOutputsList(), memory);
            complete = true;
            return new DecodedInfer(
                    request, outputs.classification(), outputs.shared(), emptyFinalResponse);
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
            Optional<TensorParameters.Place> place =
                    new TensorParameters(input.getName(), input.getParametersMap()).sharedMemory();
            DataType type = DataType.ofWireName(input.getDatatype());
            TensorBuffer data;
            if (place.isPresent()) {
                data = sharedData(place.get(), input, request);
            } else {
                data = data(message, nextRaw, input, type);
                nextRaw++;
            }
            request.addInput(
                    new Tensor(input.getName(), type, Shape.of(input.getShapeList()), data));
        }
    }

    private @Owned TensorBuffer sharedData(
            TensorParameters.Place place, InferInputTensor input, InferenceRequest request) {
        if (input.hasContents()) {
            throw StatusException.invalidArgument(
                    "unexpected 'content' provided when using shared memory for "
                            + where(input, request.modelName()));
        }
        try (SharedMemory.Window window = place.in(memory)) {
            return window.read(allocator);
        }
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
}
