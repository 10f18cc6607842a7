package io.nereid.protocol.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerateDecoderTest {
    private static final long LIMIT = 4096;

    /** A batching model, as generative ones are. */
    private static final ModelConfig LLM =
            model(
                    4,
                    Map.of(
                            "prompt", new Input(DataType.BYTES, Shape.of(1)),
                            "n", new Input(DataType.INT32, Shape.of(-1)),
                            "flag", new Input(DataType.BOOL, Shape.of(1)),
                            "temp", new Input(DataType.FP32, Shape.of(1))));

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    private record Input(DataType type, Shape dims) {}

    private static ModelConfig model(int maxBatchSize, Map<String, Input> inputs) {
        ModelConfigProto.ModelConfig.Builder config =
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName("m")
                        .setBackend("identity")
                        .setMaxBatchSize(maxBatchSize);
        inputs.forEach((name, input) -> {
            ModelConfigProto.ModelInput.Builder tensor =
                    config.addInputBuilder().setName(name).setDataType(input.type().configType());
            for (long dim : input.dims().toArray()) {
                tensor.addDims(dim);
            }
        });
        config.addOutputBuilder()
                .setName("OUT")
                .setDataType(ModelConfigProto.DataType.TYPE_STRING)
                .addDims(1);
        config.getVersionPolicyBuilder().getLatestBuilder().setNumVersions(1);
        return ModelConfig.of(config.build());
    }

    private static ModelConfig model(DataType type, long... dims) {
        return model(0, Map.of("X", new Input(type, Shape.of(dims))));
    }

    private InferenceRequest decode(ModelConfig config, String json) {
        return decode(config, json.replace('\'', '"').getBytes(UTF_8));
    }

    private InferenceRequest decode(ModelConfig config, byte[] json) {
        return new GenerateDecoder(allocator, LIMIT)
                .decode(config, OptionalLong.of(7), codec.body(json));
    }

    private StatusException refusal(ModelConfig config, String json) {
        return Codec.refusal(() -> decode(config, json).close());
    }

    private static Tensor tensor(InferenceRequest request, String name) {
        return request.input(name).orElseThrow();
    }

    private static byte[] bytes(InferenceRequest request, String name) {
        return Codec.bytes(tensor(request, name).buffer());
    }

    @Test
    void mapsMembersToInputs() {
        try (InferenceRequest request =
                decode(LLM, "{'prompt':'p','n':[1,2,3],'flag':true,'temp':0.5}")) {
            assertThat(request.modelName()).isEqualTo("m");
            assertThat(request.requestedVersion()).hasValue(7);
            assertThat(tensor(request, "prompt").shape()).isEqualTo(Shape.of(1, 1));
            assertThat(bytes(request, "prompt")).containsExactly(1, 0, 0, 0, 'p');
            assertThat(tensor(request, "n").shape()).isEqualTo(Shape.of(1, 3));
            assertThat(tensor(request, "n").buffer().segment().toArray(LittleEndian.INT))
                    .containsExactly(1, 2, 3);
            assertThat(bytes(request, "flag")).containsExactly(1);
            assertThat(tensor(request, "temp").buffer().segment().get(LittleEndian.FLOAT, 0))
                    .isEqualTo(0.5f);
            assertThat(request.parameters()).isEmpty();
            assertThat(request.id()).isEmpty();
        }
    }

    @Test
    void readsScalarsBeforeCommas() {
        String spaces = " ".repeat(100);
        for (DataType type : DataType.values()) {
            if (type == DataType.BOOL || !type.hasFixedSize()) {
                continue;
            }
            try (InferenceRequest request =
                    decode(model(type, -1), "{'X': 7 ,'other':[],".replace("[]", "1") + "'y':2}")) {
                assertThat(tensor(request, "X").shape()).isEqualTo(Shape.of(1));
                assertThat(request.parameters()).containsOnlyKeys("other", "y");
            }
            try (InferenceRequest request =
                    decode(model(type, -1), "{'X':7,'other':1" + spaces + "}")) {
                assertThat(request.parameters()).containsOnlyKeys("other");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "-1; 1; [1]",
                "-1; [1,2,3]; [3]",
                "-1,-1; [1,2,3]; [1,3]",
                "-1,2,-1; [1,2,3,4]; [1,2,2]",
                "-1,2; [1,2,3,4]; [2,2]",
                "2,3; [1,2,3,4,5,6]; [2,3]",
                "1; 5; [1]",
                "1,1; [5]; [1,1]",
                "-1,-1,-1; 5; [1,1,1]"
            })
    void deducesShapes(String dims, String value, String shape) {
        long[] extents = dims(dims);
        try (InferenceRequest request =
                decode(model(DataType.INT64, extents), "{'X':" + value + "}")) {
            assertThat(tensor(request, "X").shape()).hasToString(shape);
        }
        try (InferenceRequest request =
                decode(
                        model(8, Map.of("X", new Input(DataType.INT64, Shape.of(extents)))),
                        "{'X':" + value + "}")) {
            assertThat(tensor(request, "X").shape().rank()).isEqualTo(extents.length + 1);
        }
    }

    private static long[] dims(String text) {
        return Arrays.stream(text.split(",", -1)).mapToLong(Long::parseLong).toArray();
    }

    @Test
    void givesTheBatchWhatFixedDimensionsLeave() {
        ModelConfig model = model(8, Map.of("X", new Input(DataType.INT32, Shape.of(2))));
        try (InferenceRequest request = decode(model, "{'X':[1,2,3,4,5,6]}")) {
            assertThat(tensor(request, "X").shape()).isEqualTo(Shape.of(3, 2));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {"3; [1,2]", "2,3; [1,2,3]", "2; 1", "2,-1; [1,2,3]", "2; [1,2,3,4]"})
    void refusesCountsThatFitNoShape(String dims, String value) {
        StatusException e = refusal(model(DataType.INT32, dims(dims)), "{'X':" + value + "}");
        assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG);
        assertThat(e)
                .hasMessage("The schema can not convert input 'X' to tensor with proper shape");
    }

    @Test
    void countsNestedArraysAsOneElementEach() {
        try (InferenceRequest request = decode(model(DataType.INT32, -1), "{'X':[[1],[[2]],3]}")) {
            assertThat(tensor(request, "X").shape()).isEqualTo(Shape.of(3));
            assertThat(tensor(request, "X").buffer().segment().toArray(LittleEndian.INT))
                    .containsExactly(1, 2, 3);
        }
        StatusException more = refusal(model(DataType.INT32, -1), "{'X':[[1,2]]}");
        assertThat(more.code()).isEqualTo(StatusCode.INTERNAL);
        assertThat(more)
                .hasMessage(
                        "Unable to parse 'data': Shape does not match true shape of 'data' field");
        StatusException fewer = refusal(model(DataType.INT32, -1), "{'X':[[],1]}");
        assertThat(fewer.code()).isEqualTo(StatusCode.INTERNAL);
        assertThat(fewer)
                .hasMessage("Failed to parse 'data' field: shape does not match true shape");
    }

    @Test
    void keepsNestedStringsForValidationToCount() {
        try (InferenceRequest request = decode(model(DataType.BYTES, -1), "{'X':[['a','b']]}")) {
            assertThat(tensor(request, "X").shape()).isEqualTo(Shape.of(1));
            assertThat(bytes(request, "X")).containsExactly(1, 0, 0, 0, 'a', 1, 0, 0, 0, 'b');
        }
    }

    @ParameterizedTest
    @CsvSource({"INT32", "FP64", "BYTES", "BOOL"})
    void anEmptyArrayHasNoShape(DataType type) {
        try (InferenceRequest request = decode(model(type, 3), "{'X':[ ],'y':1}")) {
            assertThat(tensor(request, "X").shape()).isEqualTo(Shape.EMPTY);
            assertThat(tensor(request, "X").buffer().byteSize()).isZero();
            assertThat(request.parameters()).containsOnlyKeys("y");
        }
    }

    @Test
    void keepsStringsExact() {
        try (InferenceRequest request =
                decode(LLM, "{'prompt':'\\u00e9\\n\\u0000\\\"q'}".replace("\\'", "'"))) {
            assertThat(Codec.text(tensor(request, "prompt").buffer())).endsWith("é\n\0\"q");
        }
        byte[] raw = "{\"prompt\":\"\u00ff\"}".getBytes(ISO_8859_1);
        try (InferenceRequest request = decode(LLM, raw)) {
            assertThat(bytes(request, "prompt")).containsExactly(1, 0, 0, 0, 0xff);
        }
        try (InferenceRequest request = decode(LLM, "{'prompt':''}")) {
            assertThat(tensor(request, "prompt").shape()).isEqualTo(Shape.of(1, 1));
            assertThat(bytes(request, "prompt")).containsExactly(0, 0, 0, 0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "BYTES; 5; Unable to parse JSON bytes array: attempt to access JSON non-string as"
                        + " string",
                "BYTES; {'a':1}; Unable to parse JSON bytes array: attempt to access JSON"
                        + " non-string as string",
                "BYTES; ['a',null]; Unable to parse JSON bytes array: attempt to access JSON"
                        + " non-string as string",
                "INT32; 1.5; Unable to parse 'data': attempt to access JSON non-signed-integer as"
                        + " signed-integer",
                "INT32; 'x'; Unable to parse 'data': attempt to access JSON non-signed-integer as"
                        + " signed-integer",
                "INT32; [{}]; Unable to parse 'data': attempt to access JSON non-signed-integer as"
                        + " signed-integer",
                "UINT8; -1; Unable to parse 'data': attempt to access JSON non-unsigned-integer as"
                        + " unsigned-integer",
                "UINT8; {'a':[1]}; Unable to parse 'data': attempt to access JSON"
                        + " non-unsigned-integer as unsigned-integer",
                "BOOL; 1; Unable to parse 'data': attempt to access JSON non-boolean as boolean",
                "BOOL; null; Unable to parse 'data': attempt to access JSON non-boolean as"
                        + " boolean",
                "FP32; true; Unable to parse 'data': attempt to access JSON non-number as double",
                "FP64; '1'; Unable to parse 'data': attempt to access JSON non-number as double"
            })
    void refusesValuesOfOtherTypes(DataType type, String value, String text) {
        String json = "{'X':" + value.replace('\'', '"') + ",'y':1}";
        StatusException e = refusal(model(type, -1), json);
        assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG);
        assertThat(e).hasMessage(text);
    }

    @Test
    void mapsAllElseToParameters() {
        try (InferenceRequest request =
                decode(
                        LLM,
                        "{'s':'text','i':-5,'b':false,'d':0.5,'big':9223372036854775808,"
                                + "'sequence_id':9,'priority':1,'timeout':2,'triton_x':'y',"
                                + "'headers':'h','binary_data_output':true}")) {
            assertThat(request.parameters())
                    .containsEntry("s", new Parameter.StringValue("text"))
                    .containsEntry("i", new Parameter.Int64Value(-5))
                    .containsEntry("b", new Parameter.BoolValue(false))
                    .containsEntry("d", new Parameter.DoubleValue(0.5))
                    .containsEntry("big", new Parameter.DoubleValue(0x1p63))
                    .containsEntry("sequence_id", new Parameter.Int64Value(9))
                    .containsEntry("priority", new Parameter.Int64Value(1))
                    .containsEntry("timeout", new Parameter.Int64Value(2))
                    .containsEntry("triton_x", new Parameter.StringValue("y"))
                    .containsEntry("headers", new Parameter.StringValue("h"))
                    .containsEntry("binary_data_output", new Parameter.BoolValue(true));
            assertThat(request.correlationId()).isEqualTo(CorrelationId.NONE);
            assertThat(request.priority()).isZero();
            assertThat(request.timeoutMicros()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {"null", "[]", "[1]", "{}"})
    void refusesParametersOfOtherTypes(String value) {
        assertThat(refusal(LLM, "{'p':" + value + "}"))
                .hasMessage(
                        "parameter 'p' has invalid type. It should be either 'int', 'bool', or"
                                + " 'string'.");
    }

    @Test
    void mapsNestedParametersLikeMembers() {
        try (InferenceRequest request =
                decode(LLM, "{'prompt':'p','parameters':{'temp':2,'zzz':'y'},'q':1}")) {
            assertThat(request.input("temp")).isPresent();
            assertThat(request.parameters())
                    .containsOnly(
                            Map.entry("zzz", new Parameter.StringValue("y")),
                            Map.entry("q", new Parameter.Int64Value(1)));
        }
        decode(LLM, "{'parameters':{}}").close();
    }

    @Test
    void refusesWrongNestedParameters() {
        assertThat(refusal(LLM, "{'parameters':[1]}"))
                .hasMessage(
                        "Expected JSON object for keyword: 'parameters': attempt to access JSON"
                                + " non-object as object");
        assertThat(refusal(LLM, "{'parameters':{'x':null}}"))
                .hasMessage(
                        "Converting keyword: 'parameters': parameter 'x' has invalid type. It"
                                + " should be either 'int', 'bool', or 'string'.");
        assertThat(refusal(LLM, "{'parameters':{'parameters':{}}}"))
                .hasMessage(
                        "Converting keyword: 'parameters': parameter 'parameters' has invalid"
                                + " type. It should be either 'int', 'bool', or 'string'.");
        ModelConfig model = model(0, Map.of("parameters", new Input(DataType.INT32, Shape.of(-1))));
        assertThat(refusal(model, "{'parameters':{}}"))
                .hasMessage(
                        "Keyword 'parameters' for nested schema also given as input tensor name");
    }

    @Test
    void theIdIsAlsoAMember() {
        try (InferenceRequest request = decode(LLM, "{'prompt':'p','id':'abc'}")) {
            assertThat(request.id()).isEqualTo("abc");
            assertThat(request.parameters())
                    .containsExactly(Map.entry("id", new Parameter.StringValue("abc")));
        }
        ModelConfig model = model(0, Map.of("id", new Input(DataType.BYTES, Shape.of(1))));
        try (InferenceRequest request = decode(model, "{'id':'abc'}")) {
            assertThat(request.id()).isEqualTo("abc");
            assertThat(bytes(request, "id")).hasSize(7);
            assertThat(request.parameters()).isEmpty();
        }
        assertThat(refusal(LLM, "{'id':5}"))
                .hasMessage("Unable to parse 'id': attempt to access JSON non-string as string");
    }

    @Test
    void theIdIsCutAtANul() {
        try (InferenceRequest request = decode(LLM, "{'id':'a\\u0000b'}")) {
            assertThat(request.id()).isEqualTo("a");
            assertThat(request.parameters())
                    .containsExactly(Map.entry("id", new Parameter.StringValue("a\0b")));
        }
    }

    @Test
    void ofParametersTheFirstCounts() {
        try (InferenceRequest request =
                decode(LLM, "{'a':1,'a':[],'parameters':{'a':null,'b':2},'parameters':7}")) {
            assertThat(request.parameters())
                    .containsOnly(
                            Map.entry("a", new Parameter.Int64Value(1)),
                            Map.entry("b", new Parameter.Int64Value(2)));
        }
    }

    @Test
    void refusesAnInputGivenTwice() {
        assertThat(refusal(LLM, "{'id':'7','n':1,'n':2}"))
                .hasMessage("[request id: 7] input 'n' already exists in request");
        assertThat(refusal(LLM, "{'n':1,'parameters':{'n':2}}"))
                .hasMessage(
                        "Converting keyword: 'parameters': [request id: <id_unknown>] input 'n'"
                                + " already exists in request");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {
                "||; The document is empty. at 0",
                "{'prompt':'p'; Missing a comma or } after an object member. at 13",
                "{'prompt':5} x; The document root must not be followed by other values. at 13",
                "{'a':[1,]}; Invalid value. at 8"
            })
    void refusesWhatIsNoJsonBeforeAllElse(String json, String why) {
        StatusException e = refusal(LLM, json);
        assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG);
        assertThat(e).hasMessage("failed to parse the request JSON buffer: " + why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '|',
            value = {"5", "[]", "null", "'x'"})
    void refusesOtherRoots(String json) {
        assertThat(refusal(LLM, json)).hasMessage("attempt to get members for non-object");
    }

    @Test
    void acceptsAByteOrderMark() {
        try (InferenceRequest request = decode(LLM, "\uFEFF {'id':'x','prompt':'p'}")) {
            assertThat(request.id()).isEqualTo("x");
            assertThat(request.input("prompt")).isPresent();
        }
    }

    @Test
    void limitsTheText() {
        String json = "{'prompt':'" + "x".repeat(5000) + "'}";
        assertThat(refusal(LLM, json))
                .hasMessage(
                        "request JSON size of 5013 bytes exceeds the maximum allowed input size of"
                                + " 4096 bytes. Use --http-max-input-size to increase the limit.");
    }

    @Test
    void limitsTheSumOfInputs() {
        ModelConfig model =
                model(
                        0,
                        Map.of(
                                "A", new Input(DataType.INT64, Shape.of(-1)),
                                "B", new Input(DataType.FP64, Shape.of(-1))));
        String half = zeros(256);
        try (InferenceRequest request = decode(model, "{'A':" + half + ",'B':" + half + "}")) {
            assertThat(bytes(request, "A")).hasSize(2048);
        }
        assertThat(refusal(model, "{'A':" + half + ",'B':" + zeros(257) + "}"))
                .hasMessage(
                        "request size of 2048 bytes with input 'B' of size 2056 bytes exceeds the"
                                + " maximum allowed input size of 4096. Use --http-max-input-size"
                                + " to increase the limit.");
    }

    private static String zeros(int count) {
        return IntStream.range(0, count)
                .mapToObj(_ -> "0")
                .collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void limitsParameters() {
        String json =
                IntStream.range(0, ParameterReader.MAX_PARAMETERS + 1)
                        .mapToObj(i -> "'" + i + "':0")
                        .collect(Collectors.joining(",", "{", "}"));
        StatusException e =
                Codec.refusal(() ->
                        new GenerateDecoder(allocator, 1 << 20)
                                .decode(
                                        LLM,
                                        OptionalLong.empty(),
                                        codec.body(json.replace('\'', '"').getBytes(UTF_8)))
                                .close());
        assertThat(e).hasMessage("request has more than 10000 parameters");
    }

    @Test
    void countsOneCopyPerTensor() {
        decode(LLM, "{'prompt':'abc','n':[1,2,3]}").close();
        assertThat(allocator.copies().copies(CopyMeter.Site.DECODE)).isEqualTo(2);
        assertThat(allocator.copies().bytes(CopyMeter.Site.DECODE)).isEqualTo(7 + 12);
    }

    @Test
    void refusesDeepNesting() {
        String deep = "[".repeat(101) + "1" + "]".repeat(101);
        assertThat(refusal(model(DataType.INT32, -1), "{'X':" + deep + "}"))
                .hasMessage(
                        "Unable to parse 'data': JSON nesting depth exceeds maximum allowed limit"
                                + " (100)");
        assertThat(refusal(model(DataType.BYTES, -1), "{'X':" + deep + "}"))
                .hasMessage("JSON nesting depth exceeds maximum allowed limit (100)");
    }

    @Test
    void readsBooleansInArrays() {
        try (InferenceRequest request =
                decode(model(DataType.BOOL, -1), "{'X':[true,false,true]}")) {
            assertThat(tensor(request, "X").buffer().segment().toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(1, 0, 1);
        }
    }
}
