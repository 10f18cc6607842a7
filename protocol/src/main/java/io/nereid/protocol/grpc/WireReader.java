package io.nereid.protocol.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Walks over the fields of one protobuf message that lies in native memory, without looking into
 * them. Every position is checked before it is read.
 */
final class WireReader {
    private static final int MAX_VARINT_BYTES = 10;
    private static final int MAX_GROUP_DEPTH = 100;

    private final MemorySegment bytes;
    private long position;

    WireReader(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /** Where the next byte is read, from the start of the message. */
    long position() {
        return position;
    }

    boolean hasMore() {
        return position < bytes.byteSize();
    }

    /**
     * The tag of the next field: number and wire type.
     *
     * @throws InvalidProtocolBufferException if it is cut off or no tag
     */
    int readTag() throws InvalidProtocolBufferException {
        long tag = readVarint();
        if (tag >>> Integer.SIZE != 0 || WireFormat.getTagFieldNumber((int) tag) <= 0) {
            throw malformed("invalid tag " + Long.toUnsignedString(tag));
        }
        return (int) tag;
    }

    /**
     * The length of a length-delimited field, known to lie within the message.
     *
     * @throws InvalidProtocolBufferException if the message ends before the field does
     */
    long readLength() throws InvalidProtocolBufferException {
        long length = readVarint();
        require(length);
        return length;
    }

    /** Passes over {@code count} bytes that {@link #readLength} has announced. */
    void advance(long count) {
        position += count;
    }

    /**
     * Passes over the value of a field.
     *
     * @param tag the field's tag, read before
     * @throws InvalidProtocolBufferException if the value is cut off or of no known kind
     */
    void skipValue(int tag) throws InvalidProtocolBufferException {
        int depth = 0;
        int current = tag;
        do {
            switch (WireFormat.getTagWireType(current)) {
                case WireFormat.WIRETYPE_VARINT -> readVarint();
                case WireFormat.WIRETYPE_FIXED64 -> skip(Long.BYTES);
                case WireFormat.WIRETYPE_FIXED32 -> skip(Integer.BYTES);
                case WireFormat.WIRETYPE_LENGTH_DELIMITED -> advance(readLength());
                case WireFormat.WIRETYPE_START_GROUP -> depth++;
                case WireFormat.WIRETYPE_END_GROUP -> depth--;
                default -> throw malformed("unknown wire type in tag " + current);
            }
            if (depth < 0 || depth > MAX_GROUP_DEPTH) {
                throw malformed("groups are not balanced");
            }
            current = depth > 0 ? readTag() : current;
        } while (depth > 0);
    }

    private long readVarint() throws InvalidProtocolBufferException {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            require(1);
            byte next = bytes.get(ValueLayout.JAVA_BYTE, position++);
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("number of more than " + MAX_VARINT_BYTES + " bytes");
    }

    private void skip(long count) throws InvalidProtocolBufferException {
        require(count);
        position += count;
    }

    private void require(long count) throws InvalidProtocolBufferException {
        if (count < 0 || count > bytes.byteSize() - position) {
            throw malformed("message ends too early");
        }
    }

    private InvalidProtocolBufferException malformed(String what) {
        return new InvalidProtocolBufferException(what + " at byte " + position);
    }
}
