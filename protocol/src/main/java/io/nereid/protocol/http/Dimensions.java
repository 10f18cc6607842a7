package io.nereid.protocol.http;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import java.util.Arrays;

/** Reads shapes and finds out how much data they ask for (HTTP protocol sections 11.5 and 12.2). */
final class Dimensions {
    /** Most dimensions of a shape. The reference knows no limit; memory does. */
    static final int MAX_RANK = 1024;

    private Dimensions() {}

    /**
     * The shape at that place; dimensions of 2^63 and more come out negative.
     *
     * @throws StatusException INVALID_ARG if it is not an array of unsigned integers
     */
    static Shape read(JsonCursor cursor, JsonAccess access, long at) {
        access.array(at, "shape");
        long[] dims = new long[8];
        int rank = 0;
        for (boolean more = cursor.firstElement(); more; more = cursor.nextElement()) {
            JsonNumber dim = cursor.atNumber() ? cursor.number() : null;
            if (dim == null || !dim.isUnsigned()) {
                throw JsonAccess.unable("shape", JsonAccess.notA("unsigned-integer"));
            }
            if (rank == MAX_RANK) {
                throw JsonAccess.unable("shape", "more than " + MAX_RANK + " dimensions");
            }
            if (rank == dims.length) {
                dims = Arrays.copyOf(dims, 2 * rank);
            }
            dims[rank++] = dim.longValue();
        }
        return Shape.of(Arrays.copyOf(dims, rank));
    }

    /**
     * How many elements a JSON tensor needs: 0 without dimensions, {@link Shape#ANY} if a dimension
     * is.
     *
     * @throws StatusException INVALID_ARG if a dimension is negative or the product too large
     */
    static long elements(String input, Shape shape) {
        long count = shape.rank() == 0 ? 0 : 1;
        for (int i = 0; i < shape.rank(); i++) {
            long dim = shape.dim(i);
            if (dim == Shape.ANY) {
                return Shape.ANY;
            }
            if (dim < 0) {
                throw invalid(input, shape, "contains one or more invalid dimensions");
            }
            if (dim > 0 && count > Long.MAX_VALUE / dim) {
                throw invalid(
                        input,
                        shape,
                        "causes total element count to exceed maximum size of " + Long.MAX_VALUE);
            }
            count *= dim;
        }
        return count;
    }

    /**
     * Bytes of that many elements.
     *
     * @throws StatusException INVALID_ARG if that does not fit a long
     */
    static long byteSize(String input, long elements, DataType type) {
        if (elements > Long.MAX_VALUE / type.byteSize()) {
            throw StatusException.invalidArgument(
                    "byte size overflow for input '"
                            + input
                            + "': element count ("
                            + elements
                            + ") * data type size ("
                            + type.byteSize()
                            + ") exceeds maximum allowed size ("
                            + Long.MAX_VALUE
                            + ")");
        }
        return elements * type.byteSize();
    }

    private static StatusException invalid(String input, Shape shape, String why) {
        return StatusException.invalidArgument(
                "invalid shape for input '" + input + "': shape " + shape + " " + why);
    }
}
