package io.nereid.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.DataType;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorDumpTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private TraceEntry.TensorData dump(DataType type, Shape shape, byte... bytes) {
        Tensor tensor = new Tensor("T", type, shape, allocator.bytes(bytes));
        try {
            return TensorDump.of("TENSOR_QUEUE_INPUT", tensor);
        } finally {
            tensor.buffer().close();
        }
    }

    @Test
    void tellsNameShapeAndType() {
        assertThat(dump(DataType.INT32, Shape.of(2, 1), new byte[] {1, 0, 0, 0, -1, -1, -1, -1}))
                .isEqualTo(
                        new TraceEntry.TensorData(
                                "TENSOR_QUEUE_INPUT", "T", "1,-1", "2,1", "INT32"));
    }

    @Test
    void writesSmallIntegersAsNumbers() {
        assertThat(dump(DataType.INT8, Shape.of(2), (byte) -1, (byte) 65).data())
                .isEqualTo("-1,65");
        assertThat(dump(DataType.UINT8, Shape.of(2), (byte) -1, (byte) 65).data())
                .isEqualTo("255,65");
        assertThat(dump(DataType.BOOL, Shape.of(2), (byte) 0, (byte) 1).data()).isEqualTo("0,1");
    }

    @ParameterizedTest
    @CsvSource({"1.0, 1", "-2.5, -2.5", "0.1, 0.1", "1e20, 1.0e20", "NaN, nan", "-Infinity, -inf"})
    void writesRealNumbersShort(float value, String text) {
        byte[] bytes =
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array();

        assertThat(dump(DataType.FP32, Shape.of(1), bytes).data()).isEqualTo(text);
    }

    @Test
    void writesLongNumbers() {
        byte[] ones = {-1, -1, -1, -1, -1, -1, -1, -1};

        assertThat(dump(DataType.UINT64, Shape.of(1), ones).data())
                .isEqualTo("18446744073709551615");
        assertThat(dump(DataType.INT64, Shape.of(1), ones).data()).isEqualTo("-1");
    }

    @Test
    void putsStringsInQuotes() {
        byte[] text = "ab".getBytes(StandardCharsets.UTF_8);

        assertThat(
                        dump(
                                        DataType.BYTES,
                                        Shape.of(2),
                                        new byte[] {2, 0, 0, 0, text[0], text[1], 0, 0, 0, 0})
                                .data())
                .isEqualTo("\"ab\",\"\"");
    }

    @Test
    void survivesStringsThatAreCutOff() {
        assertThat(dump(DataType.BYTES, Shape.of(1), (byte) 9, (byte) 0, (byte) 0, (byte) 0).data())
                .isEqualTo("\"\"");
    }

    @Test
    void leavesHalfFloatsEmptyAsTheReferenceDoes() {
        assertThat(dump(DataType.FP16, Shape.of(1), (byte) 0, (byte) 60).data()).isEmpty();
    }
}
