package io.nereid.protocol.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * A reply as the stream that gRPC frames. gRPC drains it in one piece; whoever reads it byte by
 * byte gets a copy.
 */
final class ReplyStream extends InputStream implements KnownLength, Drainable {
    /** Writes all of a reply. */
    @FunctionalInterface
    interface Writer {
        void writeTo(OutputStream target) throws IOException;
    }

    private final int byteSize;
    private final Writer reply;
    private Optional<ByteArrayInputStream> copy = Optional.empty();
    private boolean drained;

    /**
     * @param byteSize number of bytes that {@code reply} writes
     * @param reply borrowed until the stream is used up
     */
    ReplyStream(int byteSize, Writer reply) {
        this.byteSize = byteSize;
        this.reply = reply;
    }

    @Override
    public int available() {
        if (drained) {
            return 0;
        }
        return copy.map(ByteArrayInputStream::available).orElse(byteSize);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
        int count = available();
        if (copy.isPresent()) {
            copy.get().transferTo(target);
        } else if (!drained) {
            reply.writeTo(target);
        }
        drained = true;
        return count;
    }

    @Override
    public int read() throws IOException {
        return drained ? -1 : copied().read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return drained ? -1 : copied().read(target, offset, length);
    }

    private ByteArrayInputStream copied() throws IOException {
        if (copy.isEmpty()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(byteSize);
            reply.writeTo(bytes);
            copy = Optional.of(new ByteArrayInputStream(bytes.toByteArray()));
        }
        return copy.get();
    }
}
