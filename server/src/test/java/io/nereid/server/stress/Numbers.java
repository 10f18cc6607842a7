package io.nereid.server.stress;

import com.google.protobuf.ByteString;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Requests with random INT32 numbers, which models give back as they are. */
final class Numbers {
    private Numbers() {}

    static int[] random(RandomGenerator random, int count) {
        return random.ints(count).toArray();
    }

    static String json(String input, int[] values) {
        return "{\"inputs\":[{\"name\":\"%s\",\"datatype\":\"INT32\",\"shape\":[%d,1],\"data\":%s}]}"
                .formatted(input, values.length, Arrays.toString(values));
    }

    /** A request in the binary encoding of HTTP: its JSON part, and all of it. */
    static final class Binary {
        private final int jsonLength;
        private final byte[] body;

        private Binary(int jsonLength, byte[] body) {
            this.jsonLength = jsonLength;
            this.body = body;
        }

        int jsonLength() {
            return jsonLength;
        }

        byte[] body() {
            return body;
        }
    }

    static Binary binary(String input, String output, int[] values) {
        byte[] json =
                ("{\"inputs\":[{\"name\":\"%s\",\"datatype\":\"INT32\",\"shape\":[%d,1],"
                                + "\"parameters\":{\"binary_data_size\":%d}}],"
                                + "\"outputs\":[{\"name\":\"%s\",\"parameters\":{\"binary_data\":true}}]}")
                        .formatted(input, values.length, values.length * Integer.BYTES, output)
                        .getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = ByteBuffer.allocate(json.length + values.length * Integer.BYTES);
        body.put(json).put(bytes(values));
        return new Binary(json.length, body.array());
    }

    static ModelInferRequest.Builder grpc(String model, String input, int[] values) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(
                        ModelInferRequest.InferInputTensor.newBuilder()
                                .setName(input)
                                .setDatatype("INT32")
                                .addShape(values.length)
                                .addShape(1))
                .addRawInputContents(ByteString.copyFrom(bytes(values)));
    }

    static List<Integer> of(ModelInferResponse response, int output) {
        return list(response.getRawOutputContents(output).toByteArray(), 0);
    }

    static List<Integer> list(byte[] bytes, int offset) {
        ByteBuffer buffer =
                ByteBuffer.wrap(bytes, offset, bytes.length - offset)
                        .slice()
                        .order(ByteOrder.LITTLE_ENDIAN);
        int[] values = new int[buffer.remaining() / Integer.BYTES];
        buffer.asIntBuffer().get(values);
        return list(values);
    }

    static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().collect(Collectors.toList());
    }

    private static byte[] bytes(int[] values) {
        ByteBuffer buffer =
                ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(values);
        return buffer.array();
    }
}
