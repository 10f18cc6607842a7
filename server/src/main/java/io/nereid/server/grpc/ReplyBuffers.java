package io.nereid.server.grpc;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.ArrivingMessage;
import io.nereid.protocol.grpc.MessageSink;
import io.nereid.protocol.grpc.ModelInferReply;
import io.nereid.server.netty.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * A message as gRPC sends it, behind its prefix: what is small is copied into one buffer, larger
 * tensors are sent from where they lie.
 */
final class ReplyBuffers implements MessageSink<RuntimeException> {
    private final ByteBufAllocator allocator;
    private final CopyMeter copies;
    private final List<ByteBuf> done = new ArrayList<>(2);
    private final List<TensorBuffer> kept = new ArrayList<>(1);
    private ByteBuf small;

    private ReplyBuffers(ByteBufAllocator allocator, CopyMeter copies, int expected) {
        this.allocator = allocator;
        this.copies = copies;
        this.small = allocator.directBuffer(expected);
    }

    /**
     * The whole message in one buffer, which keeps the reply's larger tensors for as long as it
     * lives.
     *
     * @param reply borrowed
     * @param copies counts what is copied
     */
    static ByteBuf of(ModelInferReply reply, ByteBufAllocator allocator, CopyMeter copies) {
        int size = reply.byteSize();
        ReplyBuffers buffers =
                new ReplyBuffers(
                        allocator,
                        copies,
                        ArrivingMessage.PREFIX + Math.min(size, Transport.SMALL_BYTES));
        boolean complete = false;
        try {
            buffers.small.writeByte(0).writeInt(size);
            reply.writeTo(buffers);
            ByteBuf whole = buffers.whole();
            complete = true;
            return whole;
        } finally {
            if (!complete) {
                buffers.discard();
            }
        }
    }

    @Override
    public void write(byte[] bytes) {
        small.writeBytes(bytes);
    }

    @Override
    public void write(byte value) {
        small.writeByte(value);
    }

    @Override
    public void write(TensorBuffer bytes) {
        ByteBuf view = Unpooled.wrappedBuffer(bytes.segment().asByteBuffer());
        if (bytes.byteSize() <= Transport.SMALL_BYTES) {
            small.writeBytes(view);
            copies.count(CopyMeter.Site.SEND, bytes.byteSize());
        } else {
            ByteBuf next = allocator.directBuffer();
            done.add(small);
            small = next;
            done.add(view);
            kept.add(bytes.retain());
        }
    }

    private void discard() {
        small.release();
        done.forEach(ByteBuf::release);
        kept.forEach(TensorBuffer::close);
    }

    private ByteBuf whole() {
        if (done.isEmpty()) {
            return small;
        }
        done.add(small);
        return new Whole(allocator, done, kept);
    }

    /** Gives the tensors back with its last reference. */
    private static final class Whole extends CompositeByteBuf {
        private final List<TensorBuffer> kept;

        Whole(ByteBufAllocator allocator, List<ByteBuf> parts, List<TensorBuffer> kept) {
            super(allocator, true, Math.max(2, parts.size()));
            this.kept = kept;
            parts.forEach(part -> addComponent(true, part));
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            kept.forEach(TensorBuffer::close);
        }
    }
}
