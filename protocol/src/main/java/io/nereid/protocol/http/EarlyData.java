package io.nereid.protocol.http;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tensor data that was read while the text was being checked, so that large arrays are read only
 * once. That can be done where {@code shape} and {@code datatype} stand before {@code data}; for
 * all other inputs the data is read when the input is. Nothing is refused here: what seems wrong is
 * left to the reading of the input, which knows what is to be told first.
 */
final class EarlyData implements AutoCloseable {
    private final JsonCursor cursor;
    private final JsonAccess access;
    private final TensorAllocator allocator;
    private final long maxInputSize;
    private final List<NumberArray> arrays = new ArrayList<>();
    private int attempts;

    /**
     * @param attempts how many arrays are tried; more inputs than a model has are refused anyway
     */
    EarlyData(
            JsonCursor cursor,
            JsonAccess access,
            TensorAllocator allocator,
            long maxInputSize,
            int attempts) {
        this.cursor = cursor;
        this.access = access;
        this.allocator = allocator;
        this.maxInputSize = maxInputSize;
        this.attempts = attempts;
    }

    /** Reads the {@code data} at the cursor, or passes over it. */
    void readOrSkip(InputMembers members) {
        long at = cursor.position();
        boolean readable =
                cursor.peek() == '['
                        && attempts > 0
                        && members.datatype != InputMembers.NONE
                        && members.shape != InputMembers.NONE;
        attempts -= readable ? 1 : 0;
        DataType type = readable ? type(members.datatype) : DataType.INVALID;
        long elements = type.hasFixedSize() ? elements(members.shape) : 0;
        cursor.seek(at);
        if (elements > 0 && elements <= maxInputSize / type.byteSize()) {
            arrays.add(NumberArray.read(cursor, type, elements, allocator));
        } else {
            cursor.skipValue();
        }
    }

    /** Passes over the {@code data} at the cursor, which was checked before. */
    void pass(InputMembers members) {
        for (NumberArray array : arrays) {
            if (array.start() == members.data) {
                cursor.seek(array.end());
                return;
            }
        }
        cursor.skipValue();
    }

    /** The array that begins at that place, if it was read as such a tensor. */
    @Owned
    Optional<NumberArray> take(long at, DataType type, long elements) {
        for (NumberArray array : arrays) {
            if (array.start() == at && array.matches(type, elements)) {
                return Optional.of(array);
            }
        }
        return Optional.empty();
    }

    /** Gives back what was not taken. */
    @Override
    public void close() {
        arrays.forEach(NumberArray::close);
    }

    private DataType type(long at) {
        cursor.seek(at);
        return cursor.peek() == '"'
                ? DataType.ofWireName(cursor.string().text())
                : DataType.INVALID;
    }

    private long elements(long at) {
        try {
            return Dimensions.elements("", Dimensions.read(cursor, access, at));
        } catch (StatusException e) {
            return Shape.ANY;
        }
    }
}
