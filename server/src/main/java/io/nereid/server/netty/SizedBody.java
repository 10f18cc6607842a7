package io.nereid.server.netty;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.foreign.MemorySegment;

/**
 * A body whose length was announced: one block from the start, which the connection receives into
 * where it can ({@link DirectReads}).
 */
final class SizedBody implements BodySink {
    private final TensorAllocator allocator;
    private final BodyTicket ticket;
    private final TensorBuffer block;
    private long received;
    private long copied;

    /**
     * @throws StatusException INVALID_ARG or UNAVAILABLE if the body is not admitted
     */
    SizedBody(TensorAllocator allocator, BodyTicket ticket, long byteSize) {
        this.allocator = allocator;
        this.ticket = ticket;
        ticket.reserve(byteSize);
        this.block = allocator.allocate(byteSize);
    }

    /** Bytes that are still to come. */
    long missing() {
        return block.byteSize() - received;
    }

    /**
     * An empty buffer at the place of the next bytes, for as many as are received at a time at
     * most. Not to be written to after this sink has ended.
     */
    ByteBuf place() {
        long byteSize = Math.min(missing(), Transport.MOST_RECEIVED);
        MemorySegment next = block.segment().asSlice(received, byteSize);
        return Unpooled.wrappedBuffer(next.asByteBuffer()).clear();
    }

    @Override
    public void add(ByteBuf data) {
        int more = data.readableBytes();
        if (!isInPlace(data)) {
            BodySink.copy(data, more, block.segment(), received);
            copied += more;
        }
        received += more;
    }

    private boolean isInPlace(ByteBuf data) {
        return data.hasMemoryAddress()
                && data.memoryAddress() + data.readerIndex()
                        == block.segment().address() + received;
    }

    @Override
    public @Owned TensorBuffer finish() {
        if (copied > 0) {
            allocator.copies().count(CopyMeter.Site.RECEIVE, copied);
        }
        return BodySink.ticketed(block, ticket);
    }

    @Override
    public void close() {
        block.close();
    }
}
