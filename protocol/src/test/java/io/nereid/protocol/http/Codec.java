package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What tests of the codec share: bodies in and out, and configurations. */
final class Codec {
    static final long LIMIT = 1 << 20;

    private final TensorAllocator allocator;
    private final long maxInputSize;

    Codec(TensorAllocator allocator) {
        this(allocator, LIMIT);
    }

    Codec(TensorAllocator allocator, long maxInputSize) {
        this.allocator = allocator;
        this.maxInputSize = maxInputSize;
    }

    /** A model {@code m} with inputs and outputs of any two-dimensional shape. */
    static ModelConfig model(DataType type, String... inputs) {
        return model(0, type, Shape.of(-1, -1), inputs);
    }

    static ModelConfig model(int maxBatchSize, DataType type, Shape dims, String... inputs) {
        ModelConfigProto.ModelConfig.Builder config =
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName("m")
                        .setBackend("identity")
                        .setMaxBatchSize(maxBatchSize);
        for (String input : inputs) {
            ModelConfigProto.ModelInput.Builder tensor =
                    ModelConfigProto.ModelInput.newBuilder()
                            .setName(input)
                            .setDataType(type.configType());
            ModelConfigProto.ModelOutput.Builder output =
                    ModelConfigProto.ModelOutput.newBuilder()
                            .setName(input + "_OUT")
                            .setDataType(type.configType());
            for (int i = 0; i < dims.rank(); i++) {
                tensor.addDims(dims.dim(i));
                output.addDims(dims.dim(i));
            }
            config.addInput(tensor).addOutput(output);
        }
        config.getVersionPolicyBuilder().getLatestBuilder().setNumVersions(1);
        return ModelConfig.of(config.setBackend("identity").build());
    }

    /** Decodes a body without binary data; JSON may write ' for ". */
    DecodedRequest decode(ModelConfig config, String json) {
        return decode(config, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    DecodedRequest decode(ModelConfig config, byte[] json, byte... binary) {
        TensorBuffer body = body(json, binary);
        return decoder().decode(config, OptionalLong.empty(), body, json.length);
    }

    DecodedRequest decodeRaw(ModelConfig config, byte... body) {
        return decoder().decode(config, OptionalLong.empty(), body(body), 0);
    }

    HttpInferDecoder decoder() {
        return new HttpInferDecoder(allocator, maxInputSize);
    }

    /** The refusal of a body. */
    StatusException refusal(ModelConfig config, String json, byte... binary) {
        byte[] text = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return refusal(config, text, binary);
    }

    StatusException refusal(ModelConfig config, byte[] json, byte... binary) {
        return refusal(() -> {
            DecodedRequest decoded = decode(config, json, binary);
            decoded.request().close();
        });
    }

    static StatusException refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        StatusException refusal = catchThrowableOfType(StatusException.class, call);
        if (refusal == null) {
            throw new AssertionError("was not refused");
        }
        return refusal;
    }

    @Owned
    TensorBuffer body(byte[]... parts) {
        byte[] all = concat(parts);
        TensorBuffer body = allocator.allocate(all.length);
        MemorySegment.copy(all, 0, body.segment(), ValueLayout.JAVA_BYTE, 0, all.length);
        return body;
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] bytes(TensorBuffer buffer) {
        return buffer.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    static String text(TensorBuffer buffer) {
        return new String(bytes(buffer), StandardCharsets.UTF_8);
    }

    /** A tensor with these bytes. */
    @Owned
    Tensor tensor(String name, DataType type, Shape shape, byte... content) {
        return new Tensor(name, type, shape, body(content));
    }

    /** The JSON part of an answer with these outputs, " written as '. */
    String encode(OutputSelection selection, Tensor... outputs) {
        InferenceResponse response = new InferenceResponse("", "m", 1, Map.of(), List.of(outputs));
        try (EncodedResponse encoded =
                new HttpInferEncoder(allocator).encode(response, selection)) {
            return text(encoded.json()).replace('"', '\'');
        }
    }

    /** The {@code data} of a single JSON output. */
    String data(Tensor output) {
        String json = encode(OutputSelection.allJson(), output);
        int from = json.indexOf("'data':") + "'data':".length();
        return json.substring(from, json.length() - "}]}".length());
    }
}
