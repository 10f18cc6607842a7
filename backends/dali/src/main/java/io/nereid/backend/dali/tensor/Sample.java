package io.nereid.backend.dali.tensor;

import java.util.Arrays;

/**
 * One sample's tensor: element type, extents, bytes and a layout such as {@code HWC} that travels
 * with them. Lives on the Java heap, because decoders of the JDK fill and read byte arrays. A
 * finished sample is not written to any more and may be used from any thread.
 */
public final class Sample {
    /** Most bytes that one sample may take; guards against absurd shapes in files and inputs. */
    public static final long MAX_BYTES = 1L << 30;

    /** Most dimensions of a sample. */
    public static final int MAX_RANK = 32;

    private final ElementType type;
    private final int[] dims;
    private final String layout;
    private final byte[] data;

    private Sample(ElementType type, int[] dims, String layout, byte[] data) {
        this.type = type;
        this.dims = dims;
        this.layout = layout;
        this.data = data;
    }

    /**
     * A sample of zeros.
     *
     * @param dims extents, outermost first
     * @throws DaliException if it would take more than {@link #MAX_BYTES}
     */
    public static Sample zeros(ElementType type, String layout, int... dims) {
        long bytes = byteSize(type, dims);
        return new Sample(type, dims.clone(), layout, new byte[(int) bytes]);
    }

    /** A sample over {@code data}, which is not copied and must have the right length. */
    public static Sample wrap(ElementType type, String layout, byte[] data, int... dims) {
        long bytes = byteSize(type, dims);
        if (bytes != data.length) {
            throw new IllegalStateException(
                    "sample " + describe(type, dims) + " over " + data.length + " bytes");
        }
        return new Sample(type, dims.clone(), layout, data);
    }

    /** A 1-D sample of floats. */
    public static Sample ofFloats(float... values) {
        Sample sample = zeros(ElementType.FLOAT, "", values.length);
        Elements.fromFloats(ElementType.FLOAT, values, values.length, sample.data, 0);
        return sample;
    }

    /**
     * Extents as 32-bit numbers.
     *
     * @throws DaliException if one is negative or too large
     */
    public static int[] checkedDims(long... dims) {
        int[] checked = new int[dims.length];
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] < 0 || dims[i] > MAX_BYTES) {
                throw new DaliException(
                        "Shape "
                                + Arrays.toString(dims)
                                + " is not possible: extents must lie between 0 and "
                                + MAX_BYTES);
            }
            checked[i] = (int) dims[i];
        }
        return checked;
    }

    /**
     * Fails if a sample of this kind would be too large.
     *
     * @throws DaliException saying so
     */
    public static void checkSize(ElementType type, int... dims) {
        byteSize(type, dims);
    }

    /** Type of the elements. */
    public ElementType type() {
        return type;
    }

    /** Number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /** Extent of an axis, 0 being the outermost. */
    public int dim(int axis) {
        return dims[axis];
    }

    /** Extents in a new array. */
    public int[] dims() {
        return dims.clone();
    }

    /** Whether both have the same extents. */
    public boolean sameDims(Sample other) {
        return Arrays.equals(dims, other.dims);
    }

    /** Number of elements. */
    public int size() {
        return data.length / type.byteSize();
    }

    /** Layout letters, one an axis; empty if there is none. */
    public String layout() {
        return layout;
    }

    /** The bytes: not a copy; written only by whoever makes the sample. */
    public byte[] data() {
        return data;
    }

    /** The same bytes with another layout. */
    public Sample withLayout(String newLayout) {
        return new Sample(type, dims, newLayout, data);
    }

    /** The same bytes under other extents of the same volume. */
    public Sample withDims(String newLayout, int... newDims) {
        return wrap(type, newLayout, data, newDims);
    }

    /** One element as a double. */
    public double doubleAt(int index) {
        return Elements.getDouble(type, data, index);
    }

    /** Every element as a double. */
    public double[] toDoubles() {
        double[] values = new double[size()];
        Elements.toDoubles(type, data, 0, 1, values.length, values);
        return values;
    }

    /** Every element as a 32-bit float. */
    public float[] toFloats() {
        float[] values = new float[size()];
        Elements.toFloats(type, data, 0, values.length, values);
        return values;
    }

    /** This sample with its elements converted by ConvertSat; itself if the type is the same. */
    public Sample convertedTo(ElementType target) {
        if (target == type) {
            return this;
        }
        Sample result = zeros(target, layout, dims);
        int n = size();
        for (int i = 0; i < n; i++) {
            if (type.isFloat()) {
                Elements.setSaturated(target, result.data, i, doubleAt(i));
            } else if (type == ElementType.UINT64 && Elements.getLong(type, data, i) < 0) {
                Elements.setSaturated(target, result.data, i, doubleAt(i));
            } else {
                Elements.setSaturated(target, result.data, i, Elements.getLong(type, data, i));
            }
        }
        return result;
    }

    @Override
    public String toString() {
        return describe(type, dims) + layout;
    }

    private static String describe(ElementType type, int[] dims) {
        return type.label() + Arrays.toString(dims);
    }

    private static long byteSize(ElementType type, int[] dims) {
        if (dims.length > MAX_RANK) {
            throw new DaliException("A tensor may have at most " + MAX_RANK + " dimensions");
        }
        long bytes = type.byteSize();
        for (int dim : dims) {
            if (dim == 0) {
                return 0;
            }
        }
        for (int dim : dims) {
            bytes *= dim;
            if (dim < 0 || bytes > MAX_BYTES) {
                throw new DaliException(
                        "A sample "
                                + describe(type, dims)
                                + " would take more than "
                                + MAX_BYTES
                                + " bytes");
            }
        }
        return bytes;
    }
}
