package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HttpInferEncoderTest {
    private static final OutputSelection FIRST_BINARY =
            OutputSelection.of(Map.of("A", new OutputSelection.Form(true, 0)), false, false);

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    @Test
    void writesMembersInOrder() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("s", new Parameter.StringValue("a\"b"));
        parameters.put("i", new Parameter.Int64Value(-42));
        parameters.put("u", new Parameter.UInt64Value(-1));
        parameters.put("b", new Parameter.BoolValue(false));
        parameters.put("d", new Parameter.DoubleValue(123.123));
        InferenceResponse response =
                new InferenceResponse(
                        "é\n",
                        "m",
                        3,
                        parameters,
                        List.of(allocator.int32("Y", Shape.of(1, 2), 5, -6)));

        try (EncodedResponse encoded =
                new HttpInferEncoder(allocator).encode(response, OutputSelection.allJson())) {
            assertThat(Codec.text(encoded.json()))
                    .isEqualTo(
                            "{\"id\":\"é\\n\",\"model_name\":\"m\",\"model_version\":\"3\","
                                    + "\"parameters\":{\"s\":\"a\\\"b\",\"i\":-42,"
                                    + "\"u\":18446744073709551615,\"b\":false,\"d\":123.123},"
                                    + "\"outputs\":[{\"name\":\"Y\",\"datatype\":\"INT32\","
                                    + "\"shape\":[1,2],\"data\":[5,-6]}]}");
            assertThat(encoded.isBinary()).isFalse();
            assertThat(encoded.contentLength()).isEqualTo(encoded.json().byteSize());
        }
        assertThat(allocator.copies().bytes(CopyMeter.Site.ENCODE)).isEqualTo(8);
    }

    @Test
    void leavesEmptyIdAndParametersOut() {
        assertThat(codec.encode(OutputSelection.allJson()))
                .isEqualTo("{'model_name':'m','model_version':'1','outputs':[]}");
    }

    @Test
    void putsBinaryOutputsAfterTheJson() {
        InferenceResponse response =
                new InferenceResponse(
                        "",
                        "m",
                        1,
                        Map.of(),
                        List.of(
                                codec.tensor(
                                        "A",
                                        DataType.FP16,
                                        Shape.of(2),
                                        (byte) 1,
                                        (byte) 2,
                                        (byte) 3,
                                        (byte) 4),
                                codec.tensor("B", DataType.UINT8, Shape.of(1), (byte) 200)));

        try (EncodedResponse encoded =
                new HttpInferEncoder(allocator).encode(response, FIRST_BINARY)) {
            assertThat(Codec.text(encoded.json()))
                    .isEqualTo(
                            "{\"model_name\":\"m\",\"model_version\":\"1\",\"outputs\":["
                                    + "{\"name\":\"A\",\"datatype\":\"FP16\",\"shape\":[2],"
                                    + "\"parameters\":{\"binary_data_size\":4}},"
                                    + "{\"name\":\"B\",\"datatype\":\"UINT8\",\"shape\":[1],"
                                    + "\"data\":[200]}]}");
            assertThat(encoded.binary()).hasSize(1);
            assertThat(Codec.bytes(encoded.binary().getFirst())).containsExactly(1, 2, 3, 4);
            assertThat(encoded.isBinary()).isTrue();
            assertThat(encoded.contentLength()).isEqualTo(encoded.json().byteSize() + 4);
        }
        assertThat(allocator.copies().bytes(CopyMeter.Site.ENCODE)).isEqualTo(1);
    }

    @Test
    void isNotBinaryIfAllBinaryOutputsAreEmpty() {
        InferenceResponse response =
                new InferenceResponse(
                        "",
                        "m",
                        1,
                        Map.of(),
                        List.of(codec.tensor("A", DataType.FP32, Shape.of(0, 4))));

        try (EncodedResponse encoded =
                new HttpInferEncoder(allocator).encode(response, OutputSelection.allBinary())) {
            assertThat(encoded.isBinary()).isFalse();
            assertThat(Codec.text(encoded.json()))
                    .contains("\"shape\":[0,4],\"parameters\":{\"binary_data_size\":0}}");
        }
    }

    @Test
    void writesEmptyData() {
        assertThat(codec.data(codec.tensor("Y", DataType.INT64, Shape.of(1, 0)))).isEqualTo("[]");
        assertThat(codec.data(codec.tensor("Y", DataType.BYTES, Shape.of(0)))).isEqualTo("[]");
    }

    @Test
    void writesBooleans() {
        Tensor output = codec.tensor("Y", DataType.BOOL, Shape.of(3), (byte) 0, (byte) 1, (byte) 2);
        assertThat(codec.data(output)).isEqualTo("[false,true,true]");
    }

    @Test
    void writesSpecialFloats() {
        Tensor output =
                allocator.fp32(
                        "Y",
                        Shape.of(6),
                        Float.NaN,
                        Float.POSITIVE_INFINITY,
                        Float.NEGATIVE_INFINITY,
                        -0f,
                        0.1f,
                        1e20f);
        assertThat(codec.data(output))
                .isEqualTo(
                        "[NaN,Infinity,-Infinity,-0.0,0.10000000149011612,"
                                + "100000002004087730000.0]");
    }

    @Test
    void escapesOnlyWhatMustBe() {
        Tensor output =
                allocator.texts(
                        "Y",
                        Shape.of(2),
                        "\"\\/\b\f\n\r\t\u0001\u001f\u007f",
                        "long enough to be looked at in chunks, é中😀");
        assertThat(codec.data(output))
                .isEqualTo(
                        "['\\'\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\u007f',"
                                + "'long enough to be looked at in chunks, é中😀']");
    }

    @Test
    void writesHalfFloatsWithTheirExactValue() {
        assertThat(halves(DataType.FP16, 0x3c00, 0xc000, 0x2e66, 0x7bff, 1, 0x8000, 0x7c00))
                .isEqualTo("[1.0,-2.0,0.0999755859375,65504.0,5.960464477539063e-8,-0.0,Infinity]");
        assertThat(halves(DataType.BF16, 0x3f80, 0xc000, 0x3dcd, 0x7fc0))
                .isEqualTo("[1.0,-2.0,0.10009765625,NaN]");
    }

    private String halves(DataType type, int... bits) {
        byte[] bytes = new byte[2 * bits.length];
        for (int i = 0; i < bits.length; i++) {
            bytes[2 * i] = (byte) bits[i];
            bytes[2 * i + 1] = (byte) (bits[i] >> 8);
        }
        return codec.data(codec.tensor("Y", type, Shape.of(bits.length), bytes));
    }

    @Test
    void refusesOutputsWhoseBytesDoNotMatchTheShape() {
        Tensor numbers = codec.tensor("Y", DataType.INT32, Shape.of(2), new byte[7]);
        Tensor missing = codec.tensor("Y", DataType.BYTES, Shape.of(2), new byte[4]);
        Tensor surplus = codec.tensor("Y", DataType.BYTES, Shape.of(1), new byte[8]);
        Tensor cut =
                codec.tensor(
                        "Y",
                        DataType.BYTES,
                        Shape.of(1),
                        (byte) 9,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 65);

        assertThat(mismatch(numbers))
                .isEqualTo(
                        "Failed to write 'data' field: output tensor shape does not match size of"
                                + " output for 'Y'");
        for (Tensor output : List.of(missing, surplus, cut)) {
            assertThat(mismatch(output))
                    .isEqualTo("output tensor shape does not match size of output for 'Y'");
        }
    }

    @Test
    void givesEverythingBackWhenALaterOutputFails() {
        Tensor binary = codec.tensor("A", DataType.INT32, Shape.of(1), new byte[4]);
        Tensor faulty = codec.tensor("B", DataType.INT32, Shape.of(1), new byte[3]);

        Codec.refusal(() -> codec.encode(FIRST_BINARY, binary, faulty));

        assertThat(allocator.openBlocks()).isZero();
    }

    private String mismatch(Tensor output) {
        StatusException refusal =
                Codec.refusal(() -> codec.encode(OutputSelection.allJson(), output));
        assertThat(refusal.code()).isEqualTo(StatusCode.INTERNAL);
        return refusal.text();
    }
}
