package io.nereid.load.client.grpc;

import com.google.protobuf.UnsafeByteOperations;
import io.nereid.load.client.RequestInput;
import io.nereid.load.client.RequestOutput;
import io.nereid.load.client.RequestSet;
import io.nereid.load.client.SequenceStep;
import io.nereid.load.client.SharedPlace;
import io.nereid.load.data.TensorValue;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The requests of a set, encoded once. May be used from any thread. */
final class GrpcRequests {
    private static final byte[] NOTHING = {};

    private final byte[][] encoded;

    GrpcRequests(RequestSet set) {
        this.encoded =
                set.requests().stream()
                        .map(inputs -> encode(set, inputs).toByteArray())
                        .toArray(byte[][]::new);
    }

    /** A request of the set, outside any sequence or not. */
    OutgoingMessage message(int request, Optional<SequenceStep> step) {
        byte[] rest = step.map(at -> sequence(at).build().toByteArray()).orElse(NOTHING);
        return OutgoingMessage.wrap(encoded[request], rest);
    }

    /** The same with an id of its own. */
    OutgoingMessage message(int request, Optional<SequenceStep> step, String id) {
        ModelInferRequest.Builder rest =
                step.map(GrpcRequests::sequence).orElseGet(ModelInferRequest::newBuilder);
        return OutgoingMessage.wrap(encoded[request], rest.setId(id).build().toByteArray());
    }

    private static ModelInferRequest.Builder sequence(SequenceStep step) {
        return ModelInferRequest.newBuilder()
                .putParameters("sequence_id", number(step.id()))
                .putParameters("sequence_start", flag(step.start()))
                .putParameters("sequence_end", flag(step.end()));
    }

    private static ModelInferRequest encode(RequestSet set, List<RequestInput> inputs) {
        ModelInferRequest.Builder request =
                ModelInferRequest.newBuilder()
                        .setModelName(set.model())
                        .setModelVersion(set.version());
        if (set.decoupled()) {
            request.putParameters("triton_enable_empty_final_response", flag(true));
        }
        for (RequestInput input : inputs) {
            TensorValue value = input.value();
            InferInputTensor.Builder tensor =
                    request.addInputsBuilder()
                            .setName(value.name())
                            .setDatatype(value.type().wireName());
            Arrays.stream(value.shape().toArray()).forEach(tensor::addShape);
            if (input.shared().isPresent()) {
                tensor.putAllParameters(place(input.shared().get()));
            } else {
                request.addRawInputContents(UnsafeByteOperations.unsafeWrap(value.bytes()));
            }
        }
        for (RequestOutput output : set.outputs()) {
            request.addOutputs(
                    InferRequestedOutputTensor.newBuilder()
                            .setName(output.name())
                            .putAllParameters(place(output.shared())));
        }
        return request.build();
    }

    private static Map<String, InferParameter> place(SharedPlace place) {
        Map<String, InferParameter> parameters = new HashMap<>();
        parameters.put(
                "shared_memory_region",
                InferParameter.newBuilder().setStringParam(place.region()).build());
        parameters.put("shared_memory_byte_size", number(place.byteSize()));
        if (place.offset() > 0) {
            parameters.put("shared_memory_offset", number(place.offset()));
        }
        return parameters;
    }

    private static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    private static InferParameter flag(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }
}
