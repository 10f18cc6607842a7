package io.nereid.backend.foreign;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reading what native code points to, and walking tensors of BYTES. */
public final class Segments {
    private static final ValueLayout.OfInt LENGTH =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Segments() {}

    /** Takes the elements of a BYTES tensor, one after the other. */
    @FunctionalInterface
    public interface ElementVisitor {
        /**
         * Takes element {@code index}.
         *
         * @param bytes bytes of the element, valid as long as the tensor is
         */
        void visit(long index, MemorySegment bytes);
    }

    /**
     * The {@code byteSize} bytes that {@code pointer} points to. Valid as long as native code keeps
     * them.
     */
    @SuppressWarnings("restricted")
    public static MemorySegment view(MemorySegment pointer, long byteSize) {
        return pointer.reinterpret(byteSize);
    }

    /** The text that {@code pointer} points to, up to its NUL; empty for NULL. */
    public static String text(MemorySegment pointer) {
        return pointer.equals(MemorySegment.NULL) ? "" : view(pointer, Long.MAX_VALUE).getString(0);
    }

    /**
     * Walks {@code count} elements of a BYTES tensor, which has been checked to hold as many.
     *
     * @param tensor elements in the layout of the wire
     */
    public static void forEachElement(MemorySegment tensor, long count, ElementVisitor visitor) {
        long offset = 0;
        for (long i = 0; i < count; i++) {
            long length = Integer.toUnsignedLong(tensor.get(LENGTH, offset));
            visitor.visit(i, tensor.asSlice(offset + Integer.BYTES, length));
            offset += Integer.BYTES + length;
        }
    }

    /**
     * Writes an element of a BYTES tensor.
     *
     * @return offset behind it
     */
    public static long putElement(MemorySegment tensor, long offset, MemorySegment bytes) {
        MemorySegment target = tensor.asSlice(offset + Integer.BYTES, bytes.byteSize());
        // The bytes may lie in the same block, further back and under the length.
        if (bytes.byteSize() > 0) {
            target.copyFrom(bytes);
        }
        tensor.set(LENGTH, offset, (int) bytes.byteSize());
        return offset + Integer.BYTES + bytes.byteSize();
    }
}
