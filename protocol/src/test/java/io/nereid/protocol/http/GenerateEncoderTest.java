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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GenerateEncoderTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    private static InferenceResponse response(
            String id, Map<String, Parameter> parameters, Tensor... outputs) {
        return new InferenceResponse(id, "m", 3, parameters, List.of(outputs));
    }

    private String encode(InferenceResponse response) {
        try (EncodedResponse encoded = new GenerateEncoder(allocator).encode(response)) {
            assertThat(encoded.isBinary()).isFalse();
            return Codec.text(encoded.json()).replace('"', '\'');
        }
    }

    private String encode(Tensor... outputs) {
        return encode(response("", Map.of(), outputs));
    }

    private Tensor fp64(String name, Shape shape, double... values) {
        Tensor tensor = codec.tensor(name, DataType.FP64, shape, new byte[8 * values.length]);
        MemorySegment.copy(
                values, 0, tensor.buffer().segment(), ValueLayout.JAVA_DOUBLE, 0, values.length);
        return tensor;
    }

    @Test
    void writesOneMemberForEachOutputSortedByName() {
        assertThat(
                        encode(
                                allocator.texts("text", Shape.of(1, 2), "a", "b\n"),
                                allocator.int32("IDX", Shape.of(1), 7),
                                allocator.fp32("z", Shape.of(2, 2), 1, 0.1f, -0f, Float.NaN)))
                .isEqualTo(
                        "{'IDX':7,'model_name':'m','model_version':'3','text':['a','b\\n'],"
                                + "'z':[1.0,0.10000000149011612,-0.0,NaN]}");
    }

    @Test
    void writesASingleElementBare() {
        assertThat(
                        encode(
                                allocator.texts("a", Shape.of(1, 1, 1), "x,\"y\""),
                                allocator.fp32("b", Shape.EMPTY, 2.5f),
                                codec.tensor("c", DataType.BOOL, Shape.of(1), (byte) 1),
                                codec.tensor("d", DataType.UINT8, Shape.of(1), (byte) 255),
                                codec.tensor("e", DataType.INT8, Shape.of(1), (byte) 255),
                                fp64("f", Shape.of(1), 1e21)))
                .isEqualTo(
                        "{'a':'x,\\'y\\'','b':2.5,'c':true,'d':255,'e':-1,'f':1e21,"
                                + "'model_name':'m','model_version':'3'}");
    }

    @Test
    void writesNoElementsAsAnEmptyArray() {
        assertThat(encode(allocator.texts("a", Shape.of(0)), allocator.int32("b", Shape.of(3, 0))))
                .isEqualTo("{'a':[],'b':[],'model_name':'m','model_version':'3'}");
    }

    @Test
    void writesIdAndParameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("s", new Parameter.StringValue("x"));
        parameters.put("i", new Parameter.Int64Value(-1));
        parameters.put("u", new Parameter.UInt64Value(-1));
        parameters.put("b", new Parameter.BoolValue(true));
        parameters.put("d", new Parameter.DoubleValue(123.123));
        assertThat(encode(response("abc", parameters)))
                .isEqualTo(
                        "{'b':true,'d':123.123,'i':-1,'id':'abc','model_name':'m',"
                                + "'model_version':'3','s':'x','u':18446744073709551615}");
    }

    @Test
    void ofMembersWithOneNameTheFirstCounts() {
        assertThat(
                        encode(
                                response(
                                        "",
                                        Map.of("x", new Parameter.Int64Value(1)),
                                        allocator.int32("x", Shape.of(1), 2),
                                        allocator.int32("model_name", Shape.of(1), 3))))
                .isEqualTo("{'model_name':'m','model_version':'3','x':1}");
    }

    @Test
    void framesEvents() {
        InferenceResponse response =
                response("", Map.of(), allocator.texts("t", Shape.of(1), "\n\n"));
        try (EncodedResponse event = new GenerateEncoder(allocator).encodeEvent(response)) {
            assertThat(Codec.text(event.json()))
                    .isEqualTo(
                            "data: {\"model_name\":\"m\",\"model_version\":\"3\","
                                    + "\"t\":\"\\n\\n\"}\n\n");
        }
    }

    @Test
    void holdsLittleMoreThanTheTextOfASmallAnswer() {
        try (EncodedResponse event =
                new GenerateEncoder(allocator)
                        .encodeEvent(
                                response("", Map.of(), allocator.int32("t", Shape.of(1), 5)))) {
            assertThat(allocator.openBytes()).isLessThan(1024);
            assertThat(event.contentLength()).isLessThan(128);
        }
    }

    @Test
    void holdsNoMoreThanTwiceALargeAnswer() {
        try (EncodedResponse event =
                new GenerateEncoder(allocator)
                        .encodeEvent(
                                response(
                                        "",
                                        Map.of(),
                                        allocator.int32("t", Shape.of(10_000), new int[10_000])))) {
            assertThat(event.contentLength()).isGreaterThan(20_000);
            assertThat(allocator.openBytes()).isLessThan(2 * event.contentLength() + 1024);
            assertThat(Codec.text(event.json())).startsWith("data: {").endsWith(",0]}\n\n");
        }
    }

    @Test
    void countsOneCopyPerOutput() {
        encode(allocator.int32("a", Shape.of(2), 1, 2), allocator.int32("b", Shape.of(1), 1));
        assertThat(allocator.copies().copies(CopyMeter.Site.ENCODE)).isEqualTo(2);
    }

    @Test
    void refusesBytesThatDoNotMatchTheShape() {
        StatusException numbers =
                Codec.refusal(() -> encode(allocator.int32("a", Shape.of(1), 1, 2)));
        assertThat(numbers.code()).isEqualTo(StatusCode.INTERNAL);
        assertThat(numbers)
                .hasMessage(
                        "Failed to write 'data' field: output tensor shape does not match size of"
                                + " output for 'a'");
        StatusException texts =
                Codec.refusal(() -> encode(allocator.texts("a", Shape.of(1), "x", "y")));
        assertThat(texts).hasMessage("output tensor shape does not match size of output for 'a'");
    }
}
