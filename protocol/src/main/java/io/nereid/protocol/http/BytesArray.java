package io.nereid.protocol.http;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;

/**
 * A tensor's {@code data} of strings (HTTP protocol section 12.3). Read twice: once for the size of
 * the block, once to fill it. How many strings there are is checked with the request's shape, not
 * here.
 */
final class BytesArray {
    private final JsonCursor cursor;

    private BytesArray(JsonCursor cursor) {
        this.cursor = cursor;
    }

    /**
     * Bytes that the array at the cursor fills in the layout of the wire; the cursor stays.
     *
     * @throws StatusException INVALID_ARG if a leaf is no string or nested too deeply
     */
    static long measure(JsonCursor cursor) {
        long start = cursor.position();
        Measure measure = new BytesArray(cursor).new Measure();
        NestedArray.walk(cursor, measure);
        cursor.seek(start);
        return measure.byteSize;
    }

    /**
     * Reads the array at the cursor.
     *
     * @param byteSize as measured
     */
    static @Owned TensorBuffer read(JsonCursor cursor, long byteSize, TensorAllocator allocator) {
        TensorBuffer block = allocator.allocate(byteSize);
        try {
            NestedArray.walk(cursor, new BytesArray(cursor).new Fill(block.segment()));
        } catch (RuntimeException e) {
            block.close();
            throw e;
        }
        allocator.copies().count(CopyMeter.Site.DECODE, byteSize);
        return block;
    }

    /**
     * As {@link #measure}, of the single value at the cursor, which is no array.
     *
     * @throws StatusException INVALID_ARG if it is no string
     */
    static long measureOne(JsonCursor cursor) {
        long start = cursor.position();
        Measure measure = new BytesArray(cursor).new Measure();
        measure.leaf();
        cursor.seek(start);
        return measure.byteSize;
    }

    /** As {@link #read}, of the single string at the cursor. */
    static @Owned TensorBuffer readOne(
            JsonCursor cursor, long byteSize, TensorAllocator allocator) {
        TensorBuffer block = allocator.allocate(byteSize);
        new BytesArray(cursor).new Fill(block.segment()).leaf();
        allocator.copies().count(CopyMeter.Site.DECODE, byteSize);
        return block;
    }

    private final class Measure implements NestedArray.Leaves {
        long byteSize;

        @Override
        public void leaf() {
            if (cursor.peek() != '"') {
                throw StatusException.invalidArgument(
                        "Unable to parse JSON bytes array: " + JsonAccess.notA("string"));
            }
            byteSize += Integer.BYTES + cursor.string().byteSize();
        }

        @Override
        public void tooDeep() {
            throw StatusException.invalidArgument(NestedArray.TOO_DEEP);
        }
    }

    private final class Fill implements NestedArray.Leaves {
        private final MemorySegment target;
        private long position;

        Fill(MemorySegment target) {
            this.target = target;
        }

        @Override
        public void leaf() {
            JsonString string = cursor.string();
            target.set(LittleEndian.INT, position, (int) string.byteSize());
            string.copyTo(target, position + Integer.BYTES);
            position += Integer.BYTES + string.byteSize();
        }

        @Override
        public void tooDeep() {
            throw new IllegalStateException("deeper than when it was measured");
        }
    }
}
