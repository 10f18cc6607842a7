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
        assertThat(shape(0, DataType.FP32, Shape.of(-1), new byte[0])).isEqualTo(Shape.of(0));
    }

    @Test
    void refusesBodiesThatDoNotFillTheirShape() {
        // The reference calls the input by this name, since it has none of its own yet.
        String text =
                "[request id: <id_unknown>] input byte size mismatch for input 'raw_input' for model"
                        + " 'm'. Expected %d, got %d";
        ModelConfig open = Codec.model(0, DataType.FP32, Shape.of(-1), "X");
        assertThat(Codec.refusal(() -> codec.decodeRaw(open, new byte[7])).text())
                .isEqualTo(text.formatted(4, 7));
        ModelConfig fixed = Codec.model(8, DataType.FP32, Shape.of(5), "X");
        assertThat(Codec.refusal(() -> codec.decodeRaw(fixed, new byte[16])).text())
                .isEqualTo(text.formatted(20, 16));
        assertThat(allocator.openBlocks()).isZero();
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
