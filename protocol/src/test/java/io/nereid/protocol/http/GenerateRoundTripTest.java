package io.nereid.protocol.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Answers read back as questions, and questions beside infer requests of the same data. */
class GenerateRoundTripTest {
    @Property(tries = 2000)
    void readsWhatItWrites(@ForAll("jsonTypes") DataType type, @ForAll("contents") byte[] content) {
        try (SlabAllocator allocator = new SlabAllocator(0, true)) {
            Codec codec = new Codec(allocator);
            byte[] whole = Arrays.copyOf(content, content.length / 8 * 8);
            long elements = whole.length / type.byteSize();
            Tensor output = codec.tensor("X", type, Shape.of(elements), whole);
            String answer = answer(allocator, output);
            try (InferenceRequest question = question(allocator, type, answer)) {
                Tensor input = question.input("X").orElseThrow();
                assertThat(input.buffer().byteSize()).isEqualTo(whole.length);
                assertThat(input.shape().rank()).isEqualTo(elements == 0 ? 0 : 1);
                Tensor again = input.retain().withShape(Shape.of(elements));
                assertThat(answer(allocator, again)).isEqualTo(answer);
            }
        }
    }

    @Property(tries = 2000)
    void readsNumbersAsInferRequestsDo(
            @ForAll("jsonTypes") DataType type, @ForAll("numbers") List<String> numbers) {
        try (SlabAllocator allocator = new SlabAllocator(0, true)) {
            Codec codec = new Codec(allocator);
            String data = String.join(", ", numbers);
            ModelConfig model = Codec.model(type, "X");
            byte[] infer =
                    read(() ->
                            codec.decode(
                                            model,
                                            "{'inputs':[{'name':'X','datatype':'"
                                                    + type
                                                    + "','shape':[1,"
                                                    + numbers.size()
                                                    + "],'data':["
                                                    + data
                                                    + "]}]}")
                                    .request());
            byte[] array = read(() -> question(allocator, type, "{\"X\":[" + data + "]}"));
            assertThat(array).isEqualTo(infer);
            if (numbers.size() == 1) {
                byte[] bare = read(() -> question(allocator, type, "{\"X\":" + data + "}"));
                assertThat(bare).isEqualTo(infer);
            }
        }
    }

    /** A request that may be refused. */
    private interface Reading {
        InferenceRequest read();
    }

    /** The bytes of X; null if the request is refused. */
    private static byte @Nullable [] read(Reading reading) {
        try (InferenceRequest request = reading.read()) {
            return Codec.bytes(request.input("X").orElseThrow().buffer());
        } catch (StatusException e) {
            return null;
        }
    }

    private static String answer(SlabAllocator allocator, Tensor output) {
        InferenceResponse response = new InferenceResponse("", "m", 1, Map.of(), List.of(output));
        try (EncodedResponse encoded = new GenerateEncoder(allocator).encode(response)) {
            return Codec.text(encoded.json());
        }
    }

    private static InferenceRequest question(SlabAllocator allocator, DataType type, String json) {
        return new GenerateDecoder(allocator, Codec.LIMIT)
                .decode(
                        Codec.model(0, type, Shape.of(-1), "X"),
                        OptionalLong.empty(),
                        new Codec(allocator).body(json.getBytes(UTF_8)));
    }

    @Provide
    Arbitrary<DataType> jsonTypes() {
        return Arbitraries.of(DataType.class).filter(DataType::hasFixedSize);
    }

    @Provide
    Arbitrary<byte[]> contents() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
    }

    @Provide
    Arbitrary<List<String>> numbers() {
        Arbitrary<String> whole = Arbitraries.longs().map(value -> Long.toString(value));
        Arbitrary<String> small = Arbitraries.integers().between(-300, 300).map(String::valueOf);
        Arbitrary<String> real = Arbitraries.doubles().map(value -> Double.toString(value));
        Arbitrary<String> word = Arbitraries.of("true", "false", "null", "\"1\"", "NaN", "-Inf");
        return Arbitraries.oneOf(List.of(whole, small, small, real, real, word))
                .list()
                .ofMinSize(1)
                .ofMaxSize(30);
    }
}
