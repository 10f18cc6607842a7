package io.nereid.protocol.grpc;

import io.nereid.protocol.TensorBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes bytes from arrays and native memory to a stream in chunks: gRPC's stream takes arrays
 * only, so native memory passes through one that stays in the processor's cache.
 */
final class ChunkWriter implements MessageSink<IOException> {
    private static final int CHUNK = 64 * 1024;

    private final OutputStream target;
    private final byte[] chunk;
    private int used;

    /**
     * @param expected bytes that will be written
     */
    ChunkWriter(OutputStream target, int expected) {
        this.target = target;
        this.chunk = new byte[Math.min(CHUNK, expected)];
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        write(MemorySegment.ofArray(bytes));
    }

    @Override
    public void write(TensorBuffer bytes) throws IOException {
        write(bytes.segment());
    }

    private void write(MemorySegment bytes) throws IOException {
        long offset = 0;
        while (offset < bytes.byteSize()) {
            if (used == chunk.length) {
                flush();
            }
            int count = (int) Math.min(chunk.length - used, bytes.byteSize() - offset);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, offset, chunk, used, count);
            used += count;
            offset += count;
        }
    }

    /** Hands what is left in the chunk to the stream. */
    void flush() throws IOException {
        target.write(chunk, 0, used);
        used = 0;
    }

    @Override
    public void write(byte value) throws IOException {
        if (used == chunk.length) {
            flush();
        }
        chunk[used++] = value;
    }
}
