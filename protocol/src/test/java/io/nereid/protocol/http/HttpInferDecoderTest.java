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
import io.nereid.protocol.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HttpInferDecoderTest {
    private static final ModelConfig INT32 = Codec.model(DataType.INT32, "X", "Z");
    private static final ModelConfig FP32 = Codec.model(DataType.FP32, "X");
    private static final ModelConfig STRINGS = Codec.model(DataType.BYTES, "X");

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    @Test
    void readsJsonTensor() {
        try (InferenceRequest request =
                request(INT32, input("X", "INT32", "[2,2]", "[1,-2,3,2147483647]"))) {
            Tensor x = request.input("X").orElseThrow();
            assertThat(x.type()).isEqualTo(DataType.INT32);
            assertThat(x.shape()).isEqualTo(Shape.of(2, 2));
            assertThat(x.buffer().segment().toArray(LittleEndian.INT))
                    .containsExactly(1, -2, 3, Integer.MAX_VALUE);
        }
    }

    @Test
    void countsOneCopyPerJsonTensor() {
        request(INT32, input("X", "INT32", "[1,3]", "[1,2,3]")).close();

        assertThat(allocator.copies().copies(CopyMeter.Site.DECODE)).isEqualTo(1);
        assertThat(allocator.copies().bytes(CopyMeter.Site.DECODE)).isEqualTo(12);
    }

    @Test
    void slicesBinaryTensorsOutOfTheBody() {
        String json =
                "{'inputs':["
                        + binary("X", "INT32", "[1,1]", "4")
                        + ","
                        + binary("Z", "INT32", "[1,2]", "8")
                        + "]}";
        try (InferenceRequest request =
                codec.decode(
                                INT32,
                                json.replace('\'', '"').getBytes(UTF_8),
                                new byte[] {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0})
                        .request()) {
            assertThat(bytes(request, "X")).containsExactly(1, 0, 0, 0);
            assertThat(bytes(request, "Z")).containsExactly(2, 0, 0, 0, 3, 0, 0, 0);
            assertThat(allocator.openBlocks()).isEqualTo(1);
            assertThat(allocator.copies().copies(CopyMeter.Site.DECODE)).isZero();
        }
    }

    @Test
    void mixesJsonAndBinaryTensors() {
        String json =
                "{'inputs':["
                        + input("X", "INT32", "[1,1]", "[7]")
                        + ","
                        + binary("Z", "INT32", "[1,1]", "4")
                        + "]}";
        try (InferenceRequest request =
                codec.decode(
                                INT32,
                                json.replace('\'', '"').getBytes(UTF_8),
                                new byte[] {9, 0, 0, 0})
                        .request()) {
            assertThat(bytes(request, "X")).containsExactly(7, 0, 0, 0);
            assertThat(bytes(request, "Z")).containsExactly(9, 0, 0, 0);
        }
    }

    @Test
    void readsDataThatStandsBeforeItsShape() {
        String json =
                "{'inputs':[{'data':[[1,2],[3]],'datatype':'INT32','name':'X','shape':[1,3]}]}";
        try (InferenceRequest request = codec.decode(INT32, json).request()) {
            assertThat(ints(request)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void takesLeavesInDocumentOrderHoweverNested() {
        String data = "[ [[1,2],3] , [], [[[4]]], 5,6 ]";
        try (InferenceRequest request = request(INT32, input("X", "INT32", "[2,3]", data))) {
            assertThat(ints(request)).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void takesDataNestedHundredDeep() {
        String data = "[".repeat(100) + "1" + "]".repeat(100);
        try (InferenceRequest request = request(INT32, input("X", "INT32", "[1,1]", data))) {
            assertThat(ints(request)).containsExactly(1);
        }
    }

    @Test
    void keepsLowBitsOfIntegersOutOfRange() {
        ModelConfig model = Codec.model(DataType.UINT8, "X");
        try (InferenceRequest request =
                request(model, input("X", "UINT8", "[1,3]", "[300,18446744073709551615,-0]"))) {
            assertThat(bytes(request, "X")).containsExactly(44, -1, 0);
        }
    }

    @Test
    void readsFloatingPointNumbersOfEveryForm() {
        String data =
                "[1, -2.5, 1e39, -1E+39, 16777217, NaN, Inf, -Inf, Infinity, -Infinity, -0, 1e-60]";
        try (InferenceRequest request = request(FP32, input("X", "FP32", "[1,12]", data))) {
            assertThat(floats(request))
                    .containsExactly(
                            1f,
                            -2.5f,
                            Float.POSITIVE_INFINITY,
                            Float.NEGATIVE_INFINITY,
                            16777216f,
                            Float.NaN,
                            Float.POSITIVE_INFINITY,
                            Float.NEGATIVE_INFINITY,
                            Float.POSITIVE_INFINITY,
                            Float.NEGATIVE_INFINITY,
                            -0f,
                            0f);
        }
    }

    @Test
    void roundsToFloatByWayOfDouble() {
        // The nearest float is 1.0000001; the nearest double is the tie between it and 1.
        String data = "[1.00000005960464477540]";
        try (InferenceRequest request = request(FP32, input("X", "FP32", "[1,1]", data))) {
            assertThat(floats(request)).containsExactly(1f);
        }
    }

    @Test
    void readsBooleans() {
        ModelConfig model = Codec.model(DataType.BOOL, "X");
        try (InferenceRequest request =
                request(model, input("X", "BOOL", "[2,1]", "[true, false]"))) {
            assertThat(bytes(request, "X")).containsExactly(1, 0);
        }
    }

    @Test
    void readsStringsAsUtf8() {
        String data = "['a','', '\\u00e9\\u4e2d\\ud83d\\ude00', 'x\\u0000y\\n\\\"\\/']";
        try (InferenceRequest request = request(STRINGS, input("X", "BYTES", "[2,2]", data))) {
            assertThat(new String(bytes(request, "X"), UTF_8))
                    .isEqualTo("\1\0\0\0a\0\0\0\0\u0009\0\0\0é中😀\6\0\0\0x\0y\n\"/");
        }
    }

    @Test
    void passesBytesThatAreNotUtf8Through() {
        byte[] json =
                "{\"inputs\":[{\"name\":\"X\",\"datatype\":\"BYTES\",\"shape\":[1,1],\"data\":[\"\u00ff\u0080\"]}]}"
                        .getBytes(ISO_8859_1);
        try (InferenceRequest request = codec.decode(STRINGS, json).request()) {
            assertThat(bytes(request, "X")).containsExactly(2, 0, 0, 0, -1, -128);
        }
    }

    @Test
    void acceptsTensorsWithoutElements() {
        String inputs =
                input("X", "INT32", "[0,4]", "[]") + "," + input("Z", "INT32", "[]", "['any']");
        try (InferenceRequest request = request(INT32, inputs)) {
            assertThat(bytes(request, "X")).isEmpty();
            assertThat(bytes(request, "Z")).isEmpty();
        }
    }

    @Test
    void dropsDataOfInputsThatTheModelLacks() {
        try (InferenceRequest request = request(INT32, input("Y", "INT32", "[1,2]", "[1,2]"))) {
            assertThat(bytes(request, "Y")).isEmpty();
        }
    }

    @Test
    void leavesWrongStringCountToValidation() {
        try (InferenceRequest request = request(STRINGS, input("X", "BYTES", "[1,5]", "['one']"))) {
            assertThat(bytes(request, "X")).hasSize(7);
        }
    }

    @Test
    void acceptsMarkAndWhiteSpaceAround() {
        codec.decode(INT32, "\uFEFF \t\r\n{ 'inputs' : [ ] } \n").request().close();
    }

    @Test
    void ignoresUnknownMembers() {
        codec.decode(
                        INT32,
                        "{'model_name':[{'a':[null,true,-1.5e3,'\\t']},{}],'inputs':[],'x':Infinity}")
                .request()
                .close();
    }

    @Test
    void readsId() {
        assertThat(id("{'id':'a-1','inputs':[]}")).isEqualTo("a-1");
        assertThat(id("{'inputs':[],'id':'late'}")).isEqualTo("late");
        assertThat(id("{'id':'a','id':'b','inputs':[]}")).isEqualTo("a");
        assertThat(id("{'\\u0069d':'escaped','inputs':[]}")).isEqualTo("escaped");
        assertThat(id("{'id':'a\\u0000b','inputs':[]}")).isEqualTo("a");
        assertThat(id("{'id':'','inputs':[]}")).isEmpty();
    }

    @Test
    void readsParameters() {
        try (InferenceRequest request =
                withParameters(
                        "{'sequence_id':18446744073709551615,'sequence_start':true,"
                                + "'sequence_end':true,'priority':3,'timeout':5000}")) {
            assertThat(request.correlationId()).isEqualTo(new CorrelationId.NumericId(-1));
            assertThat(request.sequenceStart()).isTrue();
            assertThat(request.sequenceEnd()).isTrue();
            assertThat(request.priority()).isEqualTo(3);
            assertThat(request.timeoutMicros()).isEqualTo(5000);
            assertThat(request.parameters()).isEmpty();
        }
    }

    @Test
    void readsTextAsCorrelationId() {
        String id = "z".repeat(128);
        try (InferenceRequest request = withParameters("{'sequence_id':'" + id + "'}")) {
            assertThat(request.correlationId()).isEqualTo(new CorrelationId.TextId(id));
        }
    }

    @Test
    void handsOtherParametersOn() {
        try (InferenceRequest request =
                withParameters(
                        "{'s':'x','i':-5,'b':true,'d':1.5,'big':9223372036854775808,"
                                + "'headers':'h','s':7}")) {
            assertThat(request.parameters())
                    .containsExactly(
                            Map.entry("s", new Parameter.StringValue("x")),
                            Map.entry("i", new Parameter.Int64Value(-5)),
                            Map.entry("b", new Parameter.BoolValue(true)),
                            Map.entry("d", new Parameter.DoubleValue(1.5)),
                            Map.entry("big", new Parameter.DoubleValue(0x1p63)),
                            Map.entry("headers", new Parameter.StringValue("h")));
        }
    }

    @Test
    void readsOutputs() {
        DecodedRequest decoded =
                codec.decode(
                        INT32,
                        "{'inputs':[],'outputs':[{'name':'A','parameters':{'binary_data':true}},"
                                + "{'parameters':{'classification':3},'name':'B'},{'name':'C'}]}");
        try (InferenceRequest request = decoded.request()) {
            assertThat(request.requestedOutputs()).containsExactly("A", "B", "C");
            assertThat(List.of("A", "B", "C").stream().map(decoded.outputs()::isBinary))
                    .containsExactly(true, false, false);
            assertThat(List.of("A", "B", "C").stream().map(decoded.outputs()::classification))
                    .containsExactly(0, 3, 0);
        }
    }

    @Test
    void usesBinaryDefaultOnlyWithoutNamedOutputs() {
        String yes = "{'inputs':[],'parameters':{'binary_data_output':true}";
        assertThat(isBinary(yes + "}")).isTrue();
        assertThat(isBinary(yes + ",'outputs':[]}")).isTrue();
        assertThat(isBinary(yes + ",'outputs':[{'name':'A'}]}")).isFalse();
        assertThat(isBinary(yes + ",'outputs':[{'name':'A','parameters':{'binary_data':false}}]}"))
                .isFalse();
        assertThat(isBinary("{'inputs':[]}")).isFalse();
        assertThat(
                        isBinary(
                                "{'inputs':[],'outputs':[{'name':'A','parameters':{'binary_data':true}}]}"))
                .isTrue();
    }

    private boolean isBinary(String json) {
        DecodedRequest decoded = codec.decode(INT32, json);
        decoded.request().close();
        return decoded.outputs().isBinary("A");
    }

    private String id(String json) {
        try (InferenceRequest request = codec.decode(INT32, json).request()) {
            return request.id();
        }
    }

    private InferenceRequest withParameters(String parameters) {
        return codec.decode(INT32, "{'inputs':[],'parameters':" + parameters + "}").request();
    }

    private InferenceRequest request(ModelConfig model, String inputs) {
        return codec.decode(model, "{'inputs':[" + inputs + "]}").request();
    }

    private static String input(String name, String type, String shape, String data) {
        return "{'name':'%s','shape':%s,'datatype':'%s','data':%s}"
                .formatted(name, shape, type, data);
    }

    private static String binary(String name, String type, String shape, String size) {
        return "{'name':'%s','shape':%s,'datatype':'%s','parameters':{'binary_data_size':%s}}"
                .formatted(name, shape, type, size);
    }

    private static byte[] bytes(InferenceRequest request, String input) {
        return Codec.bytes(request.input(input).orElseThrow().buffer());
    }

    private static int[] ints(InferenceRequest request) {
        return request.input("X").orElseThrow().buffer().segment().toArray(LittleEndian.INT);
    }

    private static float[] floats(InferenceRequest request) {
        return request.input("X").orElseThrow().buffer().segment().toArray(LittleEndian.FLOAT);
    }
}
