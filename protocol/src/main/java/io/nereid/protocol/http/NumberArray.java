package io.nereid.protocol.http;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A tensor's {@code data} of numbers or booleans, read into a native block (HTTP protocol sections
 * 12.2 and 12.3). Reading goes on after the first leaf that does not fit, since malformed JSON
 * further on is to be told instead; what was wrong comes out with {@link #take}.
 *
 * <p>Leaves of the usual form are read in runs, without the cursor's help ({@link NumberRuns}).
 */
final class NumberArray implements NestedArray.Leaves, AutoCloseable {
    private final JsonCursor cursor;
    private final DataType type;
    private final long elements;
    private final TensorAllocator allocator;
    private final TensorBuffer block;
    private final MemorySegment target;
    private final long start;
    private long end;
    private long count;
    private @Nullable StatusException problem;
    private boolean open = true;

    private NumberArray(
            JsonCursor cursor, DataType type, long elements, TensorAllocator allocator) {
        this.cursor = cursor;
        this.type = type;
        this.elements = elements;
        this.allocator = allocator;
        this.start = cursor.position();
        // A text of n bytes cannot hold more leaves than this, so no shape can make us allocate
        // more than a few times what was sent.
        long capacity = Math.min(elements, cursor.remaining() / 2 + 1);
        this.block = allocator.allocate(capacity * type.byteSize());
        this.target = block.segment();
    }

    /**
     * Reads the array that begins at the cursor.
     *
     * @param type of fixed size
     * @param elements how many leaves are expected, more than 0
     */
    static @Owned NumberArray read(
            JsonCursor cursor, DataType type, long elements, TensorAllocator allocator) {
        NumberArray array = new NumberArray(cursor, type, elements, allocator);
        try {
            NestedArray.walk(cursor, array);
            array.end = cursor.position();
            return array;
        } catch (RuntimeException e) {
            array.close();
            throw e;
        }
    }

    /**
     * Reads the single value at the cursor, which is no array, as a tensor of one element.
     *
     * @param type of fixed size, but not FP16 or BF16
     */
    static @Owned NumberArray readOne(JsonCursor cursor, DataType type, TensorAllocator allocator) {
        NumberArray array = new NumberArray(cursor, type, 1, allocator);
        try {
            array.element();
            array.end = cursor.position();
            return array;
        } catch (RuntimeException e) {
            array.close();
            throw e;
        }
    }

    /** Where the array begins. */
    long start() {
        return start;
    }

    /** The place after the array. */
    long end() {
        return end;
    }

    /** Whether this is what reading {@code elements} of {@code type} would give. */
    boolean matches(DataType otherType, long otherElements) {
        return type == otherType && elements == otherElements;
    }

    /**
     * The block, of as many elements as expected. Ends this object's life.
     *
     * @throws StatusException INVALID_ARG if a leaf is of another type or nested too deeply,
     *     INTERNAL if there are more or fewer leaves
     */
    @Owned
    TensorBuffer take() {
        if (problem == null && count < elements) {
            problem =
                    new StatusException(
                            StatusCode.INTERNAL,
                            "Failed to parse 'data' field: shape does not match true shape");
        }
        if (problem != null) {
            close();
            throw problem;
        }
        open = false;
        allocator.copies().count(CopyMeter.Site.DECODE, block.byteSize());
        return block;
    }

    /** Gives the block back, unless it was taken. */
    @Override
    public void close() {
        if (open) {
            open = false;
            block.close();
        }
    }

    @Override
    public void leaf() {
        if (problem != null) {
            cursor.skipValue();
            return;
        }
        if (NumberRuns.canRead(type)) {
            count = NumberRuns.read(cursor, type, target, count, elements);
        }
        if (count == elements) {
            refuse(StatusCode.INTERNAL, "Shape does not match true shape of 'data' field");
            return;
        }
        element();
    }

    private void element() {
        switch (type) {
            case BOOL -> bool();
            case UINT8, UINT16, UINT32, UINT64 -> integer(true);
            case INT8, INT16, INT32, INT64 -> integer(false);
            case FP16, BF16, FP32, FP64 -> real();
            case BYTES, INVALID ->
                    throw new IllegalStateException("no JSON numbers are read as " + type);
        }
    }

    @Override
    public void tooDeep() {
        if (problem == null) {
            problem = status(StatusCode.INVALID_ARG, NestedArray.TOO_DEEP);
        }
    }

    private void bool() {
        int first = cursor.peek();
        if (first != 't' && first != 'f') {
            refuse(StatusCode.INVALID_ARG, JsonAccess.notA("boolean"));
            return;
        }
        target.set(ValueLayout.JAVA_BYTE, count++, (byte) (cursor.bool() ? 1 : 0));
    }

    private void integer(boolean unsigned) {
        String expected = unsigned ? "unsigned-integer" : "signed-integer";
        if (!cursor.atNumber()) {
            refuse(StatusCode.INVALID_ARG, JsonAccess.notA(expected));
            return;
        }
        JsonNumber number = cursor.number();
        if (unsigned ? number.isUnsigned() : number.isSigned()) {
            putInteger(target, type.byteSize(), count++, number.longValue());
        } else {
            problem = status(StatusCode.INVALID_ARG, JsonAccess.notA(expected));
        }
    }

    private void real() {
        if (!cursor.atNumber()) {
            refuse(StatusCode.INVALID_ARG, JsonAccess.NOT_A_NUMBER);
            return;
        }
        putReal(target, type, count++, cursor.number().doubleValue());
    }

    /** Passes over the leaf and remembers why it is not taken. */
    private void refuse(StatusCode code, String why) {
        problem = status(code, why);
        cursor.skipValue();
    }

    private static StatusException status(StatusCode code, String why) {
        return new StatusException(code, "Unable to parse 'data': " + why);
    }

    /** Stores the low bits of an integer as element {@code index}. */
    static void putInteger(MemorySegment target, int byteSize, long index, long value) {
        switch (byteSize) {
            case Byte.BYTES -> target.set(ValueLayout.JAVA_BYTE, index, (byte) value);
            case Short.BYTES -> target.set(LittleEndian.SHORT, index << 1, (short) value);
            case Integer.BYTES -> target.set(LittleEndian.INT, index << 2, (int) value);
            default -> target.set(LittleEndian.LONG, index << 3, value);
        }
    }

    /** Stores a floating-point number as element {@code index}, rounded to the type. */
    static void putReal(MemorySegment target, DataType type, long index, double value) {
        switch (type) {
            case FP16 -> target.set(LittleEndian.SHORT, index << 1, HalfFloats.toHalf(value));
            case BF16 -> target.set(LittleEndian.SHORT, index << 1, HalfFloats.toBfloat(value));
            case FP32 -> target.set(LittleEndian.FLOAT, index << 2, (float) value);
            case FP64 -> target.set(LittleEndian.DOUBLE, index << 3, value);
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BYTES, INVALID ->
                    throw new IllegalStateException("no floating-point numbers in " + type);
        }
    }
}
