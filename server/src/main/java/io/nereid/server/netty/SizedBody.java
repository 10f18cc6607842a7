package io.nereid.server.netty;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.netty.buffer.ByteBuf;

/** A body whose length was announced: one block from the start. */
final class SizedBody implements BodySink {
    private final TensorAllocator allocator;
    private final BodyTicket ticket;
    private final TensorBuffer block;
    private long received;

    /**
     * @throws StatusException INVALID_ARG or UNAVAILABLE if the body is not admitted
     */
    SizedBody(TensorAllocator allocator, BodyTicket ticket, long byteSize) {
        this.allocator = allocator;
        this.ticket = ticket;
        ticket.reserve(byteSize);
        this.block = allocator.allocate(byteSize);
    }

    @Override
    public void add(ByteBuf data) {
        int more = data.readableBytes();
        BodySink.copy(data, more, block.segment(), received);
        received += more;
    }

    @Override
    public @Owned TensorBuffer finish() {
        allocator.copies().count(CopyMeter.Site.RECEIVE, received);
        return BodySink.ticketed(block, ticket);
    }

    @Override
    public void close() {
        block.close();
    }
}
