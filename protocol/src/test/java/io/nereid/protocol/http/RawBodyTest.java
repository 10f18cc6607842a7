package io.nereid.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RawBodyTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final Codec codec = new Codec(allocator);

    @Test
    void makesTheBodyTheOnlyInput() {
        assertThat(shape(0, DataType.FP32, Shape.of(2), new byte[8])).isEqualTo(Shape.of(2));
        assertThat(shape(8, DataType.FP32, Shape.of(2), new byte[8])).isEqualTo(Shape.of(1, 2));
        assertThat(allocator.copies().copies(CopyMeter.Site.DECODE)).isZero();
    }

    @Test
    void deducesTheOpenDimension() {
        assertThat(shape(0, DataType.INT16, Shape.of(3, -1), new byte[24]))
                .isEqualTo(Shape.of(3, 4));
        assertThat(shape(0, DataType.FP32, Shape.of(-1), new byte[7])).isEqualTo(Shape.of(1));
        assertThat(shape(0, DataType.FP32, Shape.of(-1), new byte[0])).isEqualTo(Shape.of(0));
    }

    @Test
    void putsTheLengthInFrontOfAString() {
        ModelConfig model = Codec.model(4, DataType.BYTES, Shape.of(1), "X");
        try (InferenceRequest request = codec.decodeRaw(model, (byte) 'h', (byte) 'i').request()) {
            Tensor input = request.input("X").orElseThrow();
            assertThat(input.shape()).isEqualTo(Shape.of(1, 1));
            assertThat(Codec.bytes(input.buffer())).containsExactly(2, 0, 0, 0, 'h', 'i');
        }
        assertThat(allocator.copies().bytes(CopyMeter.Site.DECODE)).isEqualTo(2);
    }

    @Test
    void asksForBinaryOutputs() {
        DecodedRequest decoded =
                codec.decodeRaw(Codec.model(0, DataType.INT8, Shape.of(1), "X"), (byte) 1);
        decoded.request().close();
        assertThat(decoded.outputs().isBinary("any")).isTrue();
        assertThat(decoded.outputs().classification("any")).isZero();
    }

    private Shape shape(int maxBatchSize, DataType type, Shape dims, byte[] body) {
        ModelConfig model = Codec.model(maxBatchSize, type, dims, "X");
        try (InferenceRequest request = codec.decodeRaw(model, body).request()) {
            Tensor input = request.input("X").orElseThrow();
            assertThat(Codec.bytes(input.buffer())).isEqualTo(body);
            return input.shape();
        }
    }
}
