package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A window over a tensor, maybe reaching beyond its edges (DALI sections 8.1 and 9.1).
 *
 * <p>For each axis there is a table from positions in the window to positions in the tensor, with
 * -1 where the window is filled; so all boundary policies are one and the same code.
 */
public final class Window {
    private final Sample input;
    private final int[] dims;
    private final int[][] maps;
    private final boolean filled;

    private Window(Sample input, int[] dims, int[][] maps, boolean filled) {
        this.input = input;
        this.dims = dims;
        this.maps = maps;
        this.filled = filled;
    }

    /**
     * Places a window.
     *
     * @param anchor first position on each axis
     * @param size extent on each axis
     * @throws DaliException if it reaches outside and the policy forbids that
     */
    public static Window of(Sample input, long[] anchor, long[] size, Boundary boundary) {
        int rank = input.rank();
        long[] from = anchor.clone();
        long[] extent = size.clone();
        boolean outside = false;
        for (int d = 0; d < rank; d++) {
            long end = from[d] + extent[d];
            if (boundary == Boundary.TRIM) {
                from[d] = Math.clamp(anchor[d], 0L, (long) input.dim(d));
                extent[d] = Math.clamp(end, from[d], (long) input.dim(d)) - from[d];
            } else if (from[d] < 0 || end > input.dim(d)) {
                outside = true;
            }
        }
        if (outside && boundary == Boundary.ERROR) {
            throw new DaliException(
                    "Slice can't be placed out of bounds with current policy. Got: input_shape={"
                            + joined(Arrays.stream(input.dims()).asLongStream().toArray())
                            + "}, slice_anchor={"
                            + joined(anchor)
                            + "}, slice_shape={"
                            + joined(size)
                            + "}");
        }
        int[] dims = Sample.checkedDims(extent);
        Sample.checkSize(input.type(), dims);
        int[][] maps = new int[rank][];
        boolean filled = false;
        for (int d = 0; d < rank; d++) {
            maps[d] = new int[dims[d]];
            for (int i = 0; i < dims[d]; i++) {
                maps[d][i] = boundary.map(from[d] + i, input.dim(d));
                filled |= maps[d][i] < 0;
            }
        }
        return new Window(input, dims, maps, filled);
    }

    /** Extents of the window. */
    public int[] dims() {
        return dims.clone();
    }

    /** Whether a part of the window lies outside and has to be filled. */
    public boolean filled() {
        return filled;
    }

    /** Source position for a position on an axis; -1 for the filling. */
    public int source(int axis, int position) {
        return maps[axis][position];
    }

    /**
     * The window's elements.
     *
     * @param type type of the result, reached by ConvertSat
     * @param fill value outside, or one per channel; fractions are cut off
     * @param channelAxis axis of the channels, -1 if there is none
     */
    public Sample cut(ElementType type, String layout, double[] fill, int channelAxis) {
        Sample result = Sample.zeros(input.type(), layout, dims);
        copyInside(result);
        Sample converted = result.convertedTo(type);
        if (filled && !isZero(fill)) {
            fillOutside(converted, fill, channelAxis);
        }
        return converted;
    }

    private void copyInside(Sample result) {
        int size = input.type().byteSize();
        int axes = dims.length;
        int block = 1;
        while (axes > 0 && isWhole(axes - 1)) {
            axes--;
            block *= dims[axes];
        }
        int bytes = block * size;
        if (axes == 0) {
            System.arraycopy(input.data(), 0, result.data(), 0, bytes);
            return;
        }
        int[] strides = Strided.packed(input.dims());
        int[] outer = Arrays.copyOf(dims, axes);
        int[] position = new int[axes];
        int rows = Strided.volume(outer, 0, axes - 1);
        int[] last = maps[axes - 1];
        for (int row = 0, target = 0; row < rows; row++, target += last.length * bytes) {
            int source = sourceOf(position, axes - 1, strides);
            if (source >= 0) {
                copyRow(last, source * size, bytes, result.data(), target);
            }
            advance(position, outer);
        }
    }

    private void copyRow(int[] map, int source, int bytes, byte[] target, int start) {
        int i = 0;
        while (i < map.length) {
            if (map[i] < 0) {
                i++;
                continue;
            }
            int run = 1;
            while (i + run < map.length && map[i + run] == map[i] + run) {
                run++;
            }
            System.arraycopy(
                    input.data(), source + map[i] * bytes, target, start + i * bytes, run * bytes);
            i += run;
        }
    }

    /** Position of the first element of a row, or -1 if the row is filled. */
    private int sourceOf(int[] position, int axes, int[] strides) {
        int source = 0;
        for (int d = 0; d < axes; d++) {
            int mapped = maps[d][position[d]];
            if (mapped < 0) {
                return -1;
            }
            source += mapped * strides[d];
        }
        return source;
    }

    /** Counts up all axes but the last. */
    private static void advance(int[] position, int[] outer) {
        for (int d = outer.length - 2; d >= 0; d--) {
            if (++position[d] < outer[d]) {
                return;
            }
            position[d] = 0;
        }
    }

    private void fillOutside(Sample result, double[] fill, int channelAxis) {
        int[] position = new int[dims.length];
        int n = result.size();
        for (int i = 0; i < n; i++) {
            boolean outside = false;
            for (int d = 0; d < dims.length; d++) {
                outside |= maps[d][position[d]] < 0;
            }
            if (outside) {
                int channel = channelAxis < 0 ? 0 : position[channelAxis];
                setFill(result, i, fill, channel);
            }
            for (int d = dims.length - 1; d >= 0 && ++position[d] == dims[d]; d--) {
                position[d] = 0;
            }
        }
    }

    /** Writes a filling value as C casts it: fractions are cut off. */
    public static void setFill(Sample target, int index, double[] fill, int channel) {
        double value = fill.length == 1 ? fill[0] : channel < fill.length ? fill[channel] : 0;
        ElementType type = target.type();
        if (type.isFloat()) {
            Elements.setSaturated(type, target.data(), index, value);
        } else {
            Elements.setWrapped(type, target.data(), index, (long) value);
        }
    }

    private boolean isWhole(int axis) {
        if (dims[axis] != input.dim(axis)) {
            return false;
        }
        for (int i = 0; i < dims[axis]; i++) {
            if (maps[axis][i] != i) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(double[] fill) {
        for (double value : fill) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    private static String joined(long[] values) {
        return Arrays.stream(values).mapToObj(Long::toString).collect(Collectors.joining(", "));
    }
}
