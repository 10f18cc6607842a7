package io.nereid.cache.redis;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Answers as bytes: a number that names this form, a checksum of what follows, the number of
 * outputs, then of each the name, the type's wire name, the shape and the bytes, everything with
 * its length before it. Numbers are big-endian. Bytes that somebody else wrote, or that are not
 * whole, are refused.
 */
final class AnswerCodec {
    private static final int FORM = 0x4E520001;
    private static final int HEAD = 2 * Integer.BYTES;

    private final TensorAllocator allocator;

    /**
     * @param allocator where answers are read into; stays the caller's
     */
    AnswerCodec(TensorAllocator allocator) {
        this.allocator = allocator;
    }

    /** Bytes that an answer takes. */
    static long sizeOf(List<Tensor> outputs) {
        long sum = HEAD + Integer.BYTES;
        for (Tensor output : outputs) {
            sum +=
                    3L * Integer.BYTES
                            + output.name().getBytes(StandardCharsets.UTF_8).length
                            + output.type().wireName().length()
                            + (long) output.shape().rank() * Long.BYTES
                            + Long.BYTES
                            + output.buffer().byteSize();
        }
        return sum;
    }

    /**
     * The bytes of an answer.
     *
     * @param size what {@link #sizeOf} says
     */
    byte[] encode(List<Tensor> outputs, int size) {
        ByteBuffer bytes = ByteBuffer.allocate(size).putInt(FORM).putInt(0);
        bytes.putInt(outputs.size());
        for (Tensor output : outputs) {
            put(output.name(), bytes);
            put(output.type().wireName(), bytes);
            bytes.putInt(output.shape().rank());
            for (int i = 0; i < output.shape().rank(); i++) {
                bytes.putLong(output.shape().dim(i));
            }
            bytes.putLong(output.buffer().byteSize());
            bytes.put(output.buffer().segment().asByteBuffer());
            allocator.copies().count(CopyMeter.Site.CACHE, output.buffer().byteSize());
        }
        return bytes.putInt(Integer.BYTES, checksum(bytes.array())).array();
    }

    private static void put(String text, ByteBuffer bytes) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        bytes.putInt(encoded.length).put(encoded);
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, HEAD, bytes.length - HEAD);
        return (int) crc.getValue();
    }

    /**
     * The answer of these bytes.
     *
     * @throws StatusException INVALID_ARG if they are none; UNAVAILABLE if there is no memory for
     *     it
     */
    @Owned
    List<Tensor> decode(byte[] encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        if (encoded.length < HEAD + Integer.BYTES
                || bytes.getInt() != FORM
                || bytes.getInt() != checksum(encoded)) {
            throw damaged();
        }
        List<Tensor> outputs = new ArrayList<>();
        boolean complete = false;
        try {
            for (int rest = bytes.getInt(); rest > 0; rest--) {
                outputs.add(output(bytes));
            }
            complete = true;
            return outputs;
        } catch (BufferUnderflowException e) {
            StatusException damaged = damaged();
            damaged.initCause(e);
            throw damaged;
        } finally {
            if (!complete) {
                outputs.forEach(output -> output.buffer().close());
            }
        }
    }

    private @Owned Tensor output(ByteBuffer bytes) {
        String name = text(bytes);
        DataType type = DataType.ofWireName(text(bytes));
        long[] dims = new long[length(bytes, bytes.getInt(), Long.BYTES)];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = bytes.getLong();
        }
        int byteSize = length(bytes, bytes.getLong(), 1);
        TensorBuffer buffer = allocator.allocate(byteSize);
        MemorySegment.copy(MemorySegment.ofBuffer(bytes), 0, buffer.segment(), 0, byteSize);
        bytes.position(bytes.position() + byteSize);
        allocator.copies().count(CopyMeter.Site.CACHE, byteSize);
        return new Tensor(name, type, Shape.of(dims), buffer);
    }

    private static String text(ByteBuffer bytes) {
        byte[] encoded = new byte[length(bytes, bytes.getInt(), 1)];
        bytes.get(encoded);
        return new String(encoded, StandardCharsets.UTF_8);
    }

    /** A number of elements that are there. */
    private static int length(ByteBuffer bytes, long elements, int elementBytes) {
        if (elements < 0 || elements > bytes.remaining() / elementBytes) {
            throw damaged();
        }
        return (int) elements;
    }

    private static StatusException damaged() {
        return StatusException.invalidArgument("not an answer of this server, or damaged");
    }
}
