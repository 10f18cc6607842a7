package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Inflates a compressed body (HTTP protocol section 14). The two formats are told apart by their
 * first bytes, whatever the header says.
 */
final class Inflation {
    private static final int PIECE = 16 << 10;
    private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};

    private final TensorAllocator allocator;
    private final BodyTicket ticket;
    private final long limit;

    /**
     * @param ticket takes the room of the inflated body
     * @param limit most bytes that a body may have when inflated
     */
    Inflation(TensorAllocator allocator, BodyTicket ticket, long limit) {
        this.allocator = allocator;
        this.ticket = ticket;
        this.limit = limit;
    }

    /**
     * The inflated body.
     *
     * @throws StatusException INVALID_ARG if the body is empty, broken, or too large when inflated;
     *     UNAVAILABLE if there is no room for it
     */
    @Owned
    TensorBuffer inflate(@Owned TensorBuffer compressed) {
        try (compressed) {
            if (compressed.byteSize() == 0) {
                throw StatusException.invalidArgument("nothing to be decompressed");
            }
            GrowingBody body = new GrowingBody(allocator, ticket);
            boolean complete = false;
            try {
                copy(compressed.segment(), body);
                TensorBuffer inflated = body.finish();
                complete = true;
                return inflated;
            } finally {
                if (!complete) {
                    body.close();
                }
            }
        }
    }

    private void copy(MemorySegment compressed, GrowingBody body) {
        byte[] piece = new byte[PIECE];
        long total = 0;
        try (InputStream inflating = inflating(compressed)) {
            for (int n = inflating.read(piece); n >= 0; n = inflating.read(piece)) {
                total += n;
                if (total > limit) {
                    throw StatusException.invalidArgument(
                            "Decompressed data size exceeds the maximum allowed value of "
                                    + limit
                                    + " bytes. Use --http-max-input-size to increase the limit.");
                }
                body.add(Unpooled.wrappedBuffer(piece, 0, n));
            }
        } catch (ZipException | EOFException e) {
            throw StatusException.invalidArgument(
                    "request body is neither gzip nor deflate (zlib) data: broken after "
                            + total
                            + " decompressed bytes: "
                            + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }

    private static InputStream inflating(MemorySegment compressed) throws IOException {
        InputStream bytes = new SegmentInput(compressed);
        boolean gzip =
                compressed.byteSize() >= GZIP_MAGIC.length
                        && compressed.get(ValueLayout.JAVA_BYTE, 0) == GZIP_MAGIC[0]
                        && compressed.get(ValueLayout.JAVA_BYTE, 1) == GZIP_MAGIC[1];
        return gzip ? new GZIPInputStream(bytes, PIECE) : new InflaterInputStream(bytes);
    }

    /** Reads native memory as a stream. */
    private static final class SegmentInput extends InputStream {
        private final MemorySegment segment;
        private long next;

        SegmentInput(MemorySegment segment) {
            this.segment = segment;
        }

        @Override
        public int read() {
            return next == segment.byteSize()
                    ? -1
                    : segment.get(ValueLayout.JAVA_BYTE, next++) & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int part = (int) Math.min(length, segment.byteSize() - next);
            if (part == 0) {
                return length == 0 ? 0 : -1;
            }
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, next, target, offset, part);
            next += part;
            return part;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, segment.byteSize() - next);
        }
    }
}
