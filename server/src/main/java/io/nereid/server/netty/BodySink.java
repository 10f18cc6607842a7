package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;

/** Collects a body in native memory. Used on one event loop; ends with {@code finish} or close. */
sealed interface BodySink extends AutoCloseable permits SizedBody, GrowingBody {
    /**
     * Appends bytes.
     *
     * @param data borrowed; read to its end
     * @throws StatusException UNAVAILABLE if there is no room for them
     */
    void add(ByteBuf data);

    /**
     * The whole body in one piece; ends this sink.
     *
     * @throws StatusException UNAVAILABLE if there is no room for that piece
     */
    @Owned
    TensorBuffer finish();

    /** Gives the memory back; nothing is to come after it. */
    @Override
    void close();

    /** Copies {@code byteSize} bytes out of {@code data}. */
    static void copy(ByteBuf data, int byteSize, MemorySegment target, long offset) {
        data.readBytes(target.asSlice(offset, byteSize).asByteBuffer());
    }

    /** The same bytes, held together with the room that they take of admission. */
    static @Owned TensorBuffer ticketed(@Owned TensorBuffer buffer, BodyTicket ticket) {
        ticket.retain();
        return TensorBuffer.wrap(
                buffer.segment(),
                () -> {
                    buffer.close();
                    ticket.release();
                });
    }
}
