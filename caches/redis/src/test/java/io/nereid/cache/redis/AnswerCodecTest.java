package io.nereid.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How bytes that are no answer are told; that answers come back whole is in the contract test. */
class AnswerCodecTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final AnswerCodec codec = new AnswerCodec(allocator);

    private byte[] encoded() {
        List<Tensor> outputs =
                List.of(
                        allocator.fp32("A", Shape.of(1, 2), 1, 2),
                        allocator.texts("B", Shape.of(1), "text"));
        byte[] bytes = codec.encode(outputs, (int) AnswerCodec.sizeOf(outputs));
        outputs.forEach(output -> output.buffer().close());
        return bytes;
    }

    private void requireRefused(byte[] bytes) {
        assertThatThrownBy(() -> codec.decode(bytes))
                .isInstanceOf(StatusException.class)
                .hasMessage("not an answer of this server, or damaged");
    }

    @Test
    void refusesEveryPartOfAnAnswer() {
        byte[] whole = encoded();
        for (int length = 0; length < whole.length; length++) {
            requireRefused(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void refusesAnAnswerWithAnyBitChanged() {
        byte[] bytes = encoded();
        for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            requireRefused(bytes);
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        }
    }

    /** As written by somebody who knows the checksum. */
    @Test
    void survivesAnyBytesBehindARightChecksum() {
        Random random = new Random(7);
        byte[] whole = encoded();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = Arrays.copyOf(whole, 12 + random.nextInt(whole.length - 11));
            for (int n = 0; n < 3; n++) {
                bytes[8 + random.nextInt(bytes.length - 8)] = (byte) random.nextInt();
            }
            CRC32C crc = new CRC32C();
            crc.update(bytes, 8, bytes.length - 8);
            ByteBuffer.wrap(bytes).putInt(4, (int) crc.getValue());
            try {
                codec.decode(bytes).forEach(output -> output.buffer().close());
            } catch (StatusException refused) {
                assertThat(refused.text()).isEqualTo("not an answer of this server, or damaged");
            }
        }
    }
}
