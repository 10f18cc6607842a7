package io.nereid.protocol;

import java.util.Arrays;
import java.util.List;

/**
 * Dimensions of a tensor, outermost first. Immutable. A dimension of {@link #ANY} stands for any
 * extent; it occurs in configurations, never in the shape of data. Every {@code long} can be held,
 * since a shape that a client sent must be quoted in the refusal.
 */
public final class Shape {
    /** Any extent. */
    public static final long ANY = -1;

    /** The shape without dimensions. */
    public static final Shape EMPTY = new Shape(new long[0]);

    private final long[] dims;

    private Shape(long[] dims) {
        this.dims = dims;
    }

    /** A shape of these dimensions, outermost first. */
    public static Shape of(long... dims) {
        return dims.length == 0 ? EMPTY : new Shape(dims.clone());
    }

    /** A shape of these dimensions, outermost first. */
    public static Shape of(List<Long> dims) {
        return dims.isEmpty()
                ? EMPTY
                : new Shape(dims.stream().mapToLong(Long::longValue).toArray());
    }

    /** Number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /** Extent of dimension {@code index}, 0 being the outermost. */
    public long dim(int index) {
        return dims[index];
    }

    /** The dimensions in a new array. */
    public long[] toArray() {
        return dims.clone();
    }

    /** Whether no dimension is {@link #ANY} or otherwise negative. */
    public boolean isFixed() {
        for (long dim : dims) {
            if (dim < 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Number of elements: the product of the dimensions, 1 without dimensions.
     *
     * @throws ArithmeticException if the product does not fit a long
     * @throws IllegalStateException if a dimension is negative
     */
    public long elementCount() {
        if (!isFixed()) {
            throw new IllegalStateException("shape " + this + " has no element count");
        }
        long count = 1;
        for (long dim : dims) {
            count = Math.multiplyExact(count, dim);
        }
        return count;
    }

    /** This shape with one more dimension in front. */
    public Shape withLeading(long dim) {
        long[] longer = new long[dims.length + 1];
        longer[0] = dim;
        System.arraycopy(dims, 0, longer, 1, dims.length);
        return new Shape(longer);
    }

    /** This shape without its first dimension. */
    public Shape withoutLeading() {
        if (dims.length == 0) {
            throw new IllegalStateException("no dimension to drop");
        }
        return dims.length == 1 ? EMPTY : new Shape(Arrays.copyOfRange(dims, 1, dims.length));
    }

    /** Whether the ranks agree and every pair of dimensions is equal or holds an {@link #ANY}. */
    public boolean isCompatibleWith(Shape other) {
        if (dims.length != other.dims.length) {
            return false;
        }
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] != other.dims[i] && dims[i] != ANY && other.dims[i] != ANY) {
                return false;
            }
        }
        return true;
    }

    /**
     * This shape, each {@link #ANY} replaced in order by the values that {@code actual} has where
     * {@code pattern} is {@link #ANY} (the rule of {@code reshape}, model configuration section 5).
     */
    public Shape fillFrom(Shape pattern, Shape actual) {
        long[] filled = dims.clone();
        int from = 0;
        for (int i = 0; i < filled.length; i++) {
            if (filled[i] == ANY) {
                while (pattern.dims[from] != ANY) {
                    from++;
                }
                filled[i] = actual.dims[from++];
            }
        }
        return new Shape(filled);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** The form used in messages to clients: {@code [1,3,224]}, {@code []}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < dims.length; i++) {
            text.append(i == 0 ? "" : ",").append(dims[i]);
        }
        return text.append(']').toString();
    }
}
