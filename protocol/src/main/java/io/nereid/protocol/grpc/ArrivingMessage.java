package io.nereid.protocol.grpc;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A {@code ModelInferRequest} on its way: gRPC's prefix of five bytes, which says how long it is,
 * and then the message, which is put into its block as it comes. Of one call, one message after the
 * other. Used by one thread at a time.
 */
public final class ArrivingMessage implements AutoCloseable {
    /** Bytes before each message of gRPC: whether it is compressed, and how long it is. */
    public static final int PREFIX = 5;

    private static final int COMPRESSED = 1;

    private final TensorAllocator allocator;
    private final ByteBuffer prefix = ByteBuffer.allocate(PREFIX);
    private Optional<TensorBuffer> block = Optional.empty();
    private long filled;

    /**
     * @param allocator gives the blocks of messages, or refuses them
     */
    public ArrivingMessage(TensorAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * Takes the next bytes, up to the end of the message.
     *
     * @return whether the message is whole; then it is to be taken with {@link #whole}
     * @throws StatusException INTERNAL or RESOURCE_EXHAUSTED if the prefix is none of a plain
     *     message, UNAVAILABLE or INVALID_ARG if there is no room for it
     */
    public boolean take(ByteBuffer bytes) {
        while (prefix.hasRemaining() && bytes.hasRemaining()) {
            prefix.put(bytes.get());
        }
        if (prefix.hasRemaining()) {
            return false;
        }
        if (block.isEmpty()) {
            block = Optional.of(allocator.allocate(announced()));
        }
        MemorySegment target = block.get().segment();
        int count = (int) Math.min(bytes.remaining(), target.byteSize() - filled);
        MemorySegment.copy(MemorySegment.ofBuffer(bytes), 0, target, filled, count);
        bytes.position(bytes.position() + count);
        filled += count;
        return filled == target.byteSize();
    }

    private int announced() {
        int flags = prefix.get(0);
        if (flags == COMPRESSED) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "the message is compressed, but the call has no grpc-encoding");
        }
        if (flags != 0) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "expected 0 or 1 in the first byte of a message, found " + (flags & 0xff));
        }
        int length = prefix.getInt(1);
        if (length < 0) {
            throw new StatusException(
                    StatusCode.RESOURCE_EXHAUSTED,
                    "message of "
                            + Integer.toUnsignedString(length)
                            + " bytes exceeds gRPC's byte size limit "
                            + Integer.MAX_VALUE);
        }
        return length;
    }

    /** Whether part of a message is there. */
    public boolean isBegun() {
        return prefix.position() > 0;
    }

    /** Size in bytes of the message that is on its way, as far as it is known. */
    public long byteSize() {
        return block.map(TensorBuffer::byteSize).orElse(0L);
    }

    /** The message, once; the next one may come then. */
    public @Owned Received whole() {
        TensorBuffer message = block.orElseThrow();
        block = Optional.empty();
        filled = 0;
        prefix.clear();
        allocator.copies().count(CopyMeter.Site.RECEIVE, message.byteSize());
        try {
            return ModelInferMessage.parse(message);
        } catch (StatusException malformed) {
            return new Received.Refused(malformed);
        }
    }

    /** Gives back what is there of a message. */
    @Override
    public void close() {
        block.ifPresent(TensorBuffer::close);
        block = Optional.empty();
    }
}
