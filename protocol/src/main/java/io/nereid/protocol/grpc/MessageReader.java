package io.nereid.protocol.grpc;

import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * Reads a message from gRPC's stream into one native block: with a known length into a block of
 * that size, straight from the transport's buffers where it shows them; otherwise (compressed
 * messages) into blocks that double.
 */
final class MessageReader {
    private static final int CHUNK = 64 * 1024;

    private final TensorAllocator allocator;

    MessageReader(TensorAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * All bytes of a stream.
     *
     * @throws StatusException INVALID_ARG if the stream breaks; UNAVAILABLE or INVALID_ARG if there
     *     is no room for the message
     */
    @Owned
    TensorBuffer read(InputStream stream) {
        try {
            TensorBuffer block =
                    stream instanceof KnownLength known
                            ? readKnown(stream, known.available())
                            : readUnknown(stream);
            allocator.copies().count(CopyMeter.Site.RECEIVE, block.byteSize());
            return block;
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INVALID_ARG, "failed to read the request: " + e.getMessage(), e);
        }
    }

    private @Owned TensorBuffer readKnown(InputStream stream, int length) throws IOException {
        TensorBuffer block = allocator.allocate(length);
        boolean complete = false;
        try {
            fill(block.segment(), stream);
            complete = true;
            return block;
        } finally {
            closeUnless(complete, block);
        }
    }

    private static void fill(MemorySegment target, InputStream stream) throws IOException {
        boolean direct = stream instanceof HasByteBuffer buffers && buffers.byteBufferSupported();
        long filled = direct ? fillFromBuffers(target, stream, (HasByteBuffer) stream) : 0;
        byte[] chunk = new byte[(int) Math.min(CHUNK, target.byteSize() - filled)];
        while (filled < target.byteSize()) {
            int count = readChunk(stream, chunk, target.byteSize() - filled);
            if (count < 0) {
                throw new IOException("expected " + target.byteSize() + " bytes, found " + filled);
            }
            MemorySegment.copy(chunk, 0, target, ValueLayout.JAVA_BYTE, filled, count);
            filled += count;
        }
    }

    private static long fillFromBuffers(
            MemorySegment target, InputStream stream, HasByteBuffer buffers) throws IOException {
        long filled = 0;
        while (filled < target.byteSize()) {
            ByteBuffer next = buffers.getByteBuffer();
            if (next == null || !next.hasRemaining()) {
                break;
            }
            long count = Math.min(next.remaining(), target.byteSize() - filled);
            MemorySegment.copy(MemorySegment.ofBuffer(next), 0, target, filled, count);
            stream.skipNBytes(count);
            filled += count;
        }
        return filled;
    }

    private @Owned TensorBuffer readUnknown(InputStream stream) throws IOException {
        byte[] chunk = new byte[CHUNK];
        TensorBuffer block = allocator.allocate(CHUNK);
        boolean complete = false;
        try {
            long filled = 0;
            int count = readChunk(stream, chunk, CHUNK);
            while (count >= 0) {
                if (filled + count > block.byteSize()) {
                    block = grow(block, filled);
                }
                MemorySegment.copy(chunk, 0, block.segment(), ValueLayout.JAVA_BYTE, filled, count);
                filled += count;
                count = readChunk(stream, chunk, CHUNK);
            }
            TensorBuffer message = block.slice(0, filled);
            block.close();
            complete = true;
            return message;
        } finally {
            closeUnless(complete, block);
        }
    }

    /** A block of twice the size in the place of {@code block}, which is closed if that worked. */
    private @Owned TensorBuffer grow(TensorBuffer block, long filled) {
        TensorBuffer larger = allocator.allocate(2 * block.byteSize());
        MemorySegment.copy(block.segment(), 0, larger.segment(), 0, filled);
        block.close();
        return larger;
    }

    private static int readChunk(InputStream stream, byte[] chunk, long atMost) throws IOException {
        return stream.read(chunk, 0, (int) Math.min(chunk.length, atMost));
    }

    private static void closeUnless(boolean complete, TensorBuffer block) {
        if (!complete) {
            block.close();
        }
    }
}
