package io.nereid.server.netty;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A body of unknown length. It lies in blocks, each twice as large as the one before up to a limit,
 * so that never much more is held than was received; several blocks are joined at the end, which is
 * a second copy.
 */
final class GrowingBody implements BodySink {
    private static final long FIRST_BLOCK = 16 << 10;
    private static final long LARGEST_BLOCK = 4 << 20;

    private final TensorAllocator allocator;
    private final BodyTicket ticket;
    private final List<TensorBuffer> blocks = new ArrayList<>();
    private long received;
    private long usedOfLast;

    GrowingBody(TensorAllocator allocator, BodyTicket ticket) {
        this.allocator = allocator;
        this.ticket = ticket;
    }

    @Override
    public void add(ByteBuf data) {
        while (data.isReadable()) {
            if (blocks.isEmpty() || usedOfLast == blocks.getLast().byteSize()) {
                grow();
            }
            TensorBuffer last = blocks.getLast();
            int part = (int) Math.min(data.readableBytes(), last.byteSize() - usedOfLast);
            BodySink.copy(data, part, last.segment(), usedOfLast);
            usedOfLast += part;
            received += part;
        }
    }

    private void grow() {
        long size =
                blocks.isEmpty()
                        ? FIRST_BLOCK
                        : Math.min(2 * blocks.getLast().byteSize(), LARGEST_BLOCK);
        ticket.reserve(size);
        blocks.add(allocator.allocate(size));
        usedOfLast = 0;
    }

    @Override
    public @Owned TensorBuffer finish() {
        allocator.copies().count(CopyMeter.Site.RECEIVE, received);
        if (blocks.size() == 1) {
            TensorBuffer only = blocks.removeFirst();
            TensorBuffer body = only.slice(0, received);
            only.close();
            return BodySink.ticketed(body, ticket);
        }
        return BodySink.ticketed(joined(), ticket);
    }

    private @Owned TensorBuffer joined() {
        try {
            ticket.reserve(received);
            TensorBuffer whole = allocator.allocate(received);
            long offset = 0;
            for (TensorBuffer block : blocks) {
                long part = Math.min(block.byteSize(), received - offset);
                MemorySegment.copy(block.segment(), 0, whole.segment(), offset, part);
                offset += part;
            }
            if (received > 0) {
                allocator.copies().count(CopyMeter.Site.RECEIVE, received);
            }
            return whole;
        } finally {
            long held = blocks.stream().mapToLong(TensorBuffer::byteSize).sum();
            close();
            ticket.giveBack(held);
        }
    }

    @Override
    public void close() {
        blocks.forEach(TensorBuffer::close);
        blocks.clear();
    }
}
