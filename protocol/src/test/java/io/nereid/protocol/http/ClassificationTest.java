package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LabelLookup;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ClassificationTest {
    private static final List<String> LABELS = List.of("zero", "one", "", "three");

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    @Test
    void ranksEachBatchItem() {
        Tensor output = allocator.fp32("P", Shape.of(2, 3), 1, 3, 2, -1, -3, -2);
        assertThat(codec.encode(classes(2, true, false), output))
                .endsWith(
                        "{'name':'P','datatype':'BYTES','shape':[2,2],'data':['3.000000:1',"
                                + "'2.000000:2','-1.000000:0','-2.000000:2']}]}");
    }

    @Test
    void ranksAllElementsWithoutBatch() {
        Tensor output = allocator.int32("P", Shape.of(2, 2), 5, -1, 9, 3);
        assertThat(codec.encode(classes(9, false, false), output))
                .endsWith("'shape':[4],'data':['9:2','5:0','3:3','-1:1']}]}");
    }

    @Test
    void putsLowerIndexFirstAmongEqualsAndNanLast() {
        Tensor output =
                allocator.fp32(
                        "P", Shape.of(6), Float.NaN, 0f, -0f, 2f, 2f, Float.NEGATIVE_INFINITY);
        assertThat(codec.encode(classes(6, false, false), output))
                .endsWith(
                        "['2.000000:3','2.000000:4','0.000000:1','-0.000000:2','-inf:5','nan:0']}]}");
    }

    @Test
    void ranksUnsignedNumbersAsSuch() {
        Tensor output =
                codec.tensor("P", DataType.UINT8, Shape.of(3), (byte) 1, (byte) 200, (byte) 3);
        assertThat(codec.encode(classes(2, false, false), output))
                .endsWith("'data':['200:1','3:2']}]}");
        Tensor wide = codec.tensor("P", DataType.UINT64, Shape.of(1), filled(8));
        assertThat(codec.encode(classes(1, false, false), wide))
                .endsWith("'data':['18446744073709551615:0']}]}");
    }

    @Test
    void agreesWithSortingAtAnySize() {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            int[] values = random.ints(1 + random.nextInt(40), -9, 9).toArray();
            int wanted = 1 + random.nextInt(45);
            String expected =
                    IntStream.range(0, values.length)
                            .boxed()
                            .sorted(Comparator.comparingInt((Integer i) -> -values[i]))
                            .limit(wanted)
                            .map(i -> "'" + values[i] + ":" + i + "'")
                            .collect(Collectors.joining(",", "[", "]"));
            Tensor output = allocator.int32("P", Shape.of(values.length), values);
            assertThat(codec.encode(classes(wanted, false, false), output))
                    .endsWith("'data':" + expected + "}]}");
        }
    }

    @Test
    void addsLabels() {
        List<String> asked = new ArrayList<>();
        LabelLookup labels =
                (output, index) -> {
                    asked.add(output);
                    return index < LABELS.size()
                            ? Optional.of(LABELS.get((int) index))
                            : Optional.empty();
                };
        Tensor output = allocator.fp32("P", Shape.of(1, 5), 0.05f, 0.7f, 0.2f, 0.04f, 0.01f);
        InferenceResponse response = new InferenceResponse("", "m", 1, Map.of(), List.of(output));
        try (EncodedResponse encoded =
                new HttpInferEncoder(allocator, labels).encode(response, classes(5, true, false))) {
            assertThat(Codec.text(encoded.json()))
                    .endsWith(
                            "[\"0.700000:1:one\",\"0.200000:2\",\"0.050000:0:zero\","
                                    + "\"0.040000:3:three\",\"0.010000:4\"]}]}");
        }
        assertThat(asked).hasSize(5).containsOnly("P");
    }

    @Test
    void reportsClassesInBinaryForm() {
        InferenceResponse response =
                new InferenceResponse(
                        "", "m", 1, Map.of(), List.of(allocator.int32("P", Shape.of(2), 7, 8)));
        try (EncodedResponse encoded =
                new HttpInferEncoder(allocator).encode(response, classes(1, false, true))) {
            assertThat(Codec.bytes(encoded.binary().getFirst()))
                    .containsExactly(3, 0, 0, 0, '8', ':', '1');
            assertThat(Codec.text(encoded.json()))
                    .endsWith("\"shape\":[1],\"parameters\":{\"binary_data_size\":7}}]}");
        }
    }

    @Test
    void reportsNothingForEmptyOutputs() {
        Tensor output = codec.tensor("P", DataType.FP32, Shape.of(0, 4));
        assertThat(codec.encode(classes(2, true, false), output))
                .endsWith("'shape':[0,2],'data':[]}]}");
    }

    @Test
    void refusesTypesThatHaveNoOrder() {
        for (DataType type : List.of(DataType.BOOL, DataType.FP16, DataType.BF16, DataType.BYTES)) {
            Tensor output = codec.tensor("P", type, Shape.of(1), new byte[2]);
            StatusException refusal =
                    Codec.refusal(() -> codec.encode(classes(1, false, false), output));
            assertThat(refusal.code()).isEqualTo(StatusCode.INVALID_ARG);
            assertThat(refusal.text())
                    .isEqualTo(
                            "class result not available for output due to unsupported type '"
                                    + type
                                    + "'");
        }
    }

    @Test
    void refusesTooManyElements() {
        Tensor output = codec.tensor("P", DataType.INT8, Shape.of(1_000_001), new byte[1_000_001]);
        assertThat(Codec.refusal(() -> codec.encode(classes(1, false, false), output)).text())
                .isEqualTo("classification output tensor too large");
    }

    @Test
    void refusesBytesThatDoNotMatchTheShape() {
        Tensor output = codec.tensor("P", DataType.INT32, Shape.of(2, 2), new byte[12]);
        assertThat(Codec.refusal(() -> codec.encode(classes(1, true, false), output)).code())
                .isEqualTo(StatusCode.INTERNAL);
    }

    @Test
    void printsSixDecimalsAsCDoes() {
        assertThat(Classification.sixDecimals(0.1f)).isEqualTo("0.100000");
        assertThat(Classification.sixDecimals(0.5 / 1_000_000)).isEqualTo("0.000000");
        assertThat(Classification.sixDecimals(1.5 / 1_000_000)).isEqualTo("0.000002");
        assertThat(Classification.sixDecimals(-1e-9)).isEqualTo("-0.000000");
        assertThat(Classification.sixDecimals(1e22)).isEqualTo("10000000000000000000000.000000");
        assertThat(Classification.sixDecimals(Double.POSITIVE_INFINITY)).isEqualTo("inf");
    }

    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) -1);
        return bytes;
    }

    private static OutputSelection classes(int count, boolean batched, boolean binary) {
        return OutputSelection.of(
                Map.of("P", new OutputSelection.Form(binary, count)), false, batched);
    }
}
