package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final MessageReader reader = new MessageReader(allocator);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 300_000})
    void readsStreamsOfKnownLengthIntoABlockOfThatSize(int length) {
        assertReads(new Known(bytes(length), length), bytes(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 300_000})
    void readsStreamsOfUnknownLength(int length) {
        assertReads(new ByteArrayInputStream(bytes(length)), bytes(length));
    }

    @Test
    void readsStraightFromTheTransportsBuffers() {
        byte[] first = bytes(1000);
        byte[] second = bytes(70_000);
        byte[] whole = new byte[71_000];
        System.arraycopy(first, 0, whole, 0, 1000);
        System.arraycopy(second, 0, whole, 1000, 70_000);
        Buffers stream =
                new Buffers(
                        List.of(
                                ByteBuffer.allocateDirect(1000).put(first).flip(),
                                ByteBuffer.wrap(second).asReadOnlyBuffer()));

        assertReads(stream, whole);
        assertThat(stream.arrayReads).isZero();
        assertThat(allocator.copies().bytes(CopyMeter.Site.RECEIVE)).isEqualTo(71_000);
    }

    @Test
    void refusesAStreamThatEndsTooEarly() {
        assertRefused(
                new Known(bytes(10), 11),
                "failed to read the request: expected 11 bytes, found 10");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 70_000, 200_000})
    void refusesAStreamThatBreaks(int after) {
        assertRefused(new Breaking(bytes(after)), "failed to read the request: broken");
        assertRefused(
                new Known(new Breaking(bytes(after)), after + 1),
                "failed to read the request: broken");
    }

    private void assertReads(InputStream stream, byte[] expected) {
        TensorBuffer block = reader.read(stream);

        assertThat(block.byteSize()).isEqualTo(expected.length);
        assertThat(block.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
        assertThat(allocator.openBlocks()).isEqualTo(1);
        block.close();
    }

    private void assertRefused(InputStream stream, String text) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> reader.read(stream))
                .withMessage(text)
                .extracting(StatusException::code)
                .isEqualTo(StatusCode.INVALID_ARG);
        assertThat(allocator.openBlocks()).isZero();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static final class Known extends InputStream implements KnownLength {
        private final InputStream bytes;
        private final int length;

        Known(byte[] bytes, int length) {
            this(new ByteArrayInputStream(bytes), length);
        }

        Known(InputStream bytes, int length) {
            this.bytes = bytes;
            this.length = length;
        }

        @Override
        public int available() {
            return length;
        }

        @Override
        public int read() throws IOException {
            return bytes.read();
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            return bytes.read(target, offset, count);
        }
    }

    @SuppressWarnings("InputStreamSlowMultibyteRead")
    private static final class Breaking extends InputStream {
        private final ByteArrayInputStream bytes;

        Breaking(byte[] bytes) {
            this.bytes = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() throws IOException {
            int next = bytes.read();
            if (next < 0) {
                throw new IOException("broken");
            }
            return next;
        }
    }

    /** A stream over several buffers, like gRPC's over those of the transport. */
    @SuppressWarnings("InputStreamSlowMultibyteRead")
    private static final class Buffers extends InputStream implements KnownLength, HasByteBuffer {
        private final Deque<ByteBuffer> buffers;
        int arrayReads;

        Buffers(List<ByteBuffer> buffers) {
            this.buffers = new ArrayDeque<>(buffers);
        }

        @Override
        public int available() {
            return buffers.stream().mapToInt(ByteBuffer::remaining).sum();
        }

        @Override
        public boolean byteBufferSupported() {
            return true;
        }

        @Override
        public ByteBuffer getByteBuffer() {
            return buffers.element().duplicate();
        }

        @Override
        public long skip(long count) {
            ByteBuffer head = buffers.element();
            int skipped = (int) Math.min(count, head.remaining());
            head.position(head.position() + skipped);
            if (!head.hasRemaining()) {
                buffers.remove();
            }
            return skipped;
        }

        @Override
        public int read() {
            arrayReads++;
            throw new AssertionError("read byte by byte");
        }
    }
}
