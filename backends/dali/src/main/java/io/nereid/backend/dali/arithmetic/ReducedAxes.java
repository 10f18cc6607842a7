package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.Arrays;

/** The axes of one sample over which values are gathered, and the cells that remain. */
final class ReducedAxes {
    /** Adds one value to what was gathered. */
    @FunctionalInterface
    interface Step {
        /**
         * Adds a value.
         *
         * @param sum what the cell holds
         * @param value the value
         * @param cell number of the cell
         */
        double add(double sum, double value, int cell);
    }

    private final int[] dims;
    private final boolean[] reduced;
    private final int[] keptDims;
    private final int[] cellStrides;

    ReducedAxes(Sample input, int[] axes) {
        dims = input.dims();
        reduced = new boolean[dims.length];
        for (int axis : axes) {
            reduced[axis] = true;
        }
        keptDims = dims.clone();
        for (int d = 0; d < dims.length; d++) {
            keptDims[d] = reduced[d] ? 1 : dims[d];
        }
        cellStrides = Strided.packed(keptDims);
        for (int d = 0; d < dims.length; d++) {
            cellStrides[d] = reduced[d] ? 0 : cellStrides[d];
        }
    }

    static ReducedAxes all(Sample input) {
        int[] axes = new int[input.rank()];
        Arrays.setAll(axes, d -> d);
        return new ReducedAxes(input, axes);
    }

    /** Extents with 1 for each reduced axis. */
    int[] keptDims() {
        return keptDims.clone();
    }

    /** Extents without the reduced axes. */
    int[] droppedDims() {
        int[] left = new int[dims.length];
        int n = 0;
        for (int d = 0; d < dims.length; d++) {
            if (!reduced[d]) {
                left[n++] = dims[d];
            }
        }
        return Arrays.copyOf(left, n);
    }

    /** Layout letters of the axes that are left. */
    String droppedLayout(String layout) {
        StringBuilder left = new StringBuilder();
        for (int d = 0; d < layout.length() && d < dims.length; d++) {
            if (!reduced[d]) {
                left.append(layout.charAt(d));
            }
        }
        return left.toString();
    }

    /** Values of each cell. */
    long count() {
        long count = 1;
        for (int d = 0; d < dims.length; d++) {
            count *= reduced[d] ? dims[d] : 1;
        }
        return count;
    }

    /** Number of cells. */
    int cells() {
        return Strided.volume(keptDims, 0, keptDims.length);
    }

    /** The cell of every element, one after the other. */
    int[] cellOfElements() {
        int[] cells = new int[Strided.volume(dims, 0, dims.length)];
        int[] position = new int[dims.length];
        int cell = 0;
        for (int i = 0; i < cells.length; i++) {
            cells[i] = cell;
            for (int d = dims.length - 1; d >= 0; d--) {
                cell += cellStrides[d];
                if (++position[d] < dims[d]) {
                    break;
                }
                cell -= dims[d] * cellStrides[d];
                position[d] = 0;
            }
        }
        return cells;
    }

    /** Gathers all values, starting from 0. */
    double[] accumulate(Sample input, Step step) {
        double[] sums = new double[cells()];
        int[] cells = cellOfElements();
        for (int i = 0; i < cells.length; i++) {
            sums[cells[i]] = step.add(sums[cells[i]], input.doubleAt(i), cells[i]);
        }
        return sums;
    }
}
