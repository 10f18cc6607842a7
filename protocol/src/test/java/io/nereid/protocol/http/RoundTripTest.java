package io.nereid.protocol.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What the encoder writes the decoder reads back unchanged, for every type in every form. */
class RoundTripTest {
    @Property(tries = 1500)
    void keepsBytesOfEveryTypeInBinaryForm(
            @ForAll("types") DataType type, @ForAll("contents") byte[] content) {
        try (SlabAllocator allocator = new SlabAllocator(0, true)) {
            Codec codec = new Codec(allocator);
            byte[] whole = whole(type, content);
            byte[] json =
                    request(type, elements(type, whole), "'parameters':{'binary_data_size':%d}")
                            .formatted(whole.length)
                            .replace('\'', '"')
                            .getBytes(UTF_8);
            try (InferenceRequest request =
                    codec.decode(Codec.model(type, "X"), json, whole).request()) {
                assertThat(Codec.bytes(input(request).buffer())).isEqualTo(whole);
                assertBinaryAnswer(allocator, input(request).retain(), whole);
            }
        }
    }

    @Property(tries = 3000)
    void keepsBytesOfEveryTypeInJsonForm(
            @ForAll("jsonTypes") DataType type, @ForAll("contents") byte[] content) {
        try (SlabAllocator allocator = new SlabAllocator(0, true)) {
            Codec codec = new Codec(allocator);
            byte[] whole = whole(type, content);
            long elements = elements(type, whole);
            String data = codec.data(codec.tensor("X", type, Shape.of(1, elements), whole));
            ModelConfig model = Codec.model(type, "X");
            for (String form : List.of("'data':%s", "'data': [%s,[]]")) {
                String json = request(type, elements, form.formatted(data.replace(",", " ,")));
                try (InferenceRequest request = codec.decode(model, json).request()) {
                    assertThat(Codec.bytes(input(request).buffer()))
                            .isEqualTo(canonical(type, whole));
                }
            }
        }
    }

    @Property(tries = 500)
    void keepsAnyBytesAsJsonStrings(@ForAll List<byte[]> strings) {
        try (SlabAllocator allocator = new SlabAllocator(0, true)) {
            byte[] whole = new byte[0];
            for (byte[] string : strings) {
                byte[] length = {(byte) string.length, (byte) (string.length >> 8), 0, 0};
                whole = Codec.concat(whole, length, string);
            }
            Codec codec = new Codec(allocator);
            Tensor output = codec.tensor("X", DataType.BYTES, Shape.of(1, strings.size()), whole);
            InferenceResponse response =
                    new InferenceResponse("", "m", 1, Map.of(), List.of(output));
            try (EncodedResponse encoded =
                    new HttpInferEncoder(allocator).encode(response, OutputSelection.allJson())) {
                byte[] answer = Codec.bytes(encoded.json());
                byte[] question =
                        new String(answer, ISO_8859_1)
                                .replaceFirst("outputs", "inputs")
                                .getBytes(ISO_8859_1);
                try (InferenceRequest request =
                        codec.decode(Codec.model(DataType.BYTES, "X"), question).request()) {
                    assertThat(Codec.bytes(input(request).buffer())).isEqualTo(whole);
                }
            }
        }
    }

    @Provide
    Arbitrary<DataType> types() {
        return Arbitraries.of(DataType.class).filter(type -> type != DataType.INVALID);
    }

    @Provide
    Arbitrary<DataType> jsonTypes() {
        return Arbitraries.of(DataType.class).filter(DataType::hasFixedSize);
    }

    @Provide
    Arbitrary<byte[]> contents() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(400);
    }

    private static void assertBinaryAnswer(SlabAllocator allocator, Tensor output, byte[] whole) {
        InferenceResponse response = new InferenceResponse("", "m", 1, Map.of(), List.of(output));
        try (EncodedResponse encoded =
                new HttpInferEncoder(allocator).encode(response, OutputSelection.allBinary())) {
            assertThat(Codec.bytes(encoded.binary().getFirst())).isEqualTo(whole);
            assertThat(encoded.isBinary()).isEqualTo(whole.length > 0);
        }
    }

    private static String request(DataType type, long elements, String data) {
        return "{'inputs':[{'name':'X','datatype':'"
                + type
                + "','shape':[1,"
                + elements
                + "],"
                + data
                + "}]}";
    }

    private static Tensor input(InferenceRequest request) {
        return request.input("X").orElseThrow();
    }

    private static long elements(DataType type, byte[] whole) {
        return type.hasFixedSize() ? whole.length / type.byteSize() : 1;
    }

    /** As many bytes as make whole elements; for BYTES one element of them all. */
    private static byte[] whole(DataType type, byte[] content) {
        if (type == DataType.BYTES) {
            byte[] length = {(byte) content.length, (byte) (content.length >> 8), 0, 0};
            return Codec.concat(length, content);
        }
        return Arrays.copyOf(content, content.length / type.byteSize() * type.byteSize());
    }

    /** What JSON can tell apart: one true, one NaN. */
    private static byte[] canonical(DataType type, byte[] whole) {
        ByteBuffer buffer = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < whole.length / type.byteSize(); i++) {
            if (type == DataType.BOOL) {
                buffer.put(i, (byte) (buffer.get(i) == 0 ? 0 : 1));
            } else if (type == DataType.FP16
                    && Double.isNaN(HalfFloats.fromHalf(buffer.getShort(2 * i)))) {
                buffer.putShort(2 * i, HalfFloats.toHalf(Double.NaN));
            } else if (type == DataType.BF16
                    && Double.isNaN(HalfFloats.fromBfloat(buffer.getShort(2 * i)))) {
                buffer.putShort(2 * i, HalfFloats.toBfloat(Double.NaN));
            } else if (type == DataType.FP32 && Float.isNaN(buffer.getFloat(4 * i))) {
                buffer.putFloat(4 * i, Float.NaN);
            } else if (type == DataType.FP64 && Double.isNaN(buffer.getDouble(8 * i))) {
                buffer.putDouble(8 * i, Double.NaN);
            }
        }
        return buffer.array();
    }
}
