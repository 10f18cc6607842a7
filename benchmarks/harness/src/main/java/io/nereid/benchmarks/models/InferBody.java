package io.nereid.benchmarks.models;

import com.google.protobuf.ByteString;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.StringJoiner;

/**
 * The body of a request.
 *
 * @param bytes all of it
 * @param jsonLength bytes of JSON in front of binary data; 0 if that is not to be told
 */
public record InferBody(ByteString bytes, int jsonLength) {
    private static final String BINARY_OUTPUTS = "\"parameters\":{\"binary_data_output\":true},";

    /** Inputs and outputs as binary data. */
    public static InferBody binary(List<Input> inputs) {
        StringJoiner members = new StringJoiner(",", "[", "]");
        ByteString data = ByteString.EMPTY;
        for (Input input : inputs) {
            String size = "\"parameters\":{\"binary_data_size\":" + input.values().size() + "}";
            members.add(member(input, size));
            data = data.concat(input.values());
        }
        ByteString json =
                ByteString.copyFromUtf8("{" + BINARY_OUTPUTS + "\"inputs\":" + members + "}");
        return new InferBody(json.concat(data), json.size());
    }

    /** Inputs as JSON. */
    public static InferBody json(List<Input> inputs, boolean binaryOutputs) {
        StringJoiner members = new StringJoiner(",", "[", "]");
        inputs.forEach(input -> members.add(member(input, "\"data\":" + input.json())));
        String text = "{" + (binaryOutputs ? BINARY_OUTPUTS : "") + "\"inputs\":" + members + "}";
        return new InferBody(ByteString.copyFromUtf8(text), 0);
    }

    /** A gRPC message with the five bytes that go before it. */
    public static InferBody grpc(String model, List<Input> inputs) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
        for (Input input : inputs) {
            var tensor = request.addInputsBuilder();
            tensor.setName(input.name()).setDatatype(input.type().name());
            for (long dim : input.shape().toArray()) {
                tensor.addShape(dim);
            }
            request.addRawInputContents(input.values());
        }
        ByteString message = request.build().toByteString();
        ByteBuffer prefix = ByteBuffer.allocate(5).put((byte) 0).putInt(message.size()).flip();
        return new InferBody(ByteString.copyFrom(prefix).concat(message), 0);
    }

    /** The values alone, one input after the other. */
    static InferBody raw(List<Input> inputs) {
        ByteString data = ByteString.EMPTY;
        for (Input input : inputs) {
            data = data.concat(input.values());
        }
        return new InferBody(data, 0);
    }

    private static String member(Input input, String rest) {
        StringJoiner dims = new StringJoiner(",", "[", "]");
        for (long dim : input.shape().toArray()) {
            dims.add(Long.toString(dim));
        }
        return "{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":%s,%s}"
                .formatted(input.name(), input.type().name(), dims, rest);
    }
}
