package io.nereid.server.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one plain connection receives into. While a body of known length arrives over HTTP/1.1, that
 * is the place where the body is kept, so that nobody has to copy it; for a head and what comes
 * with it a small buffer; in all other cases as much as usual. Used on one event loop.
 */
@SuppressWarnings("deprecation") // Handle: every channel asks for one
final class DirectReads implements RecvByteBufAllocator {
    /** What comes of a body together with its head is copied, so that is not to be much. */
    static final int HEAD_BYTES = 16 << 10;

    private final RecvByteBufAllocator usual;
    private final HttpConnection connection;
    private @Nullable StrictRequestDecoder decoder;

    /**
     * @param usual how much is received at a time elsewhere
     * @param connection knows where bytes belong
     */
    DirectReads(RecvByteBufAllocator usual, HttpConnection connection) {
        this.usual = usual;
        this.connection = connection;
    }

    /** The connection has turned out to speak HTTP/1.1, which this reads. */
    void decodedBy(StrictRequestDecoder requests) {
        decoder = requests;
    }

    /** Made once for a connection, as its first bytes arrive. */
    @Override
    public Handle newHandle() {
        return new Reads(usual.newHandle());
    }

    private final class Reads extends DelegatingHandle implements ExtendedHandle {
        Reads(Handle usual) {
            super(usual);
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            if (decoder == null) {
                return delegate().allocate(allocator);
            }
            if (connection.awaitsHead()) {
                return allocator.ioBuffer(Math.min(guess(), HEAD_BYTES));
            }
            // Bytes that the decoder still holds belong before those that are to come.
            ByteBuf place = decoder.isEmpty() ? connection.placeOfBody() : null;
            return place == null ? delegate().allocate(allocator) : place;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier mayHaveMore) {
            return ((ExtendedHandle) delegate()).continueReading(mayHaveMore);
        }
    }
}
