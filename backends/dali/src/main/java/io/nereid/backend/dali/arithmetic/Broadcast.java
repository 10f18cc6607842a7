package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.Arrays;
import java.util.List;

/** How operands of different shapes meet: numpy's rule, from the last axis (DALI section 11). */
final class Broadcast {
    private static final int CHUNK = 4096;

    /** Called for each run of elements along the last axis. */
    @FunctionalInterface
    interface Run {
        /**
         * Computes one run.
         *
         * @param starts first element of each operand
         * @param steps distance of elements in each operand, 0 where it is repeated
         * @param target first element of the result
         * @param n number of elements, at most {@link #CHUNK}
         */
        void at(int[] starts, int[] steps, int target, int n);
    }

    private final int[] dims;
    private final int[][] strides;

    Broadcast(List<Sample> operands) {
        int rank = operands.stream().mapToInt(Sample::rank).max().orElse(0);
        int[] common = new int[rank];
        Arrays.fill(common, 1);
        for (Sample operand : operands) {
            for (int d = 0; d < operand.rank(); d++) {
                int axis = rank - operand.rank() + d;
                int extent = operand.dim(d);
                if (extent != 1 && common[axis] != 1 && common[axis] != extent) {
                    throw new DaliException(
                            "Can't broadcast shapes: " + operands.getFirst() + " and " + operand);
                }
                common[axis] = extent == 1 ? common[axis] : extent;
            }
        }
        dims = common;
        strides = new int[operands.size()][];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = strides(operands.get(i));
        }
    }

    static int chunk() {
        return CHUNK;
    }

    /** Extents of the result. */
    int[] dims() {
        return dims.clone();
    }

    void forEachRun(Run run) {
        int total = Strided.volume(dims, 0, dims.length);
        if (total == 0) {
            return;
        }
        if (isFlat()) {
            int[] steps = new int[strides.length];
            for (int i = 0; i < steps.length; i++) {
                steps[i] = isRepeated(i) ? 0 : 1;
            }
            chunks(new int[strides.length], steps, 0, total, run);
            return;
        }
        int last = dims.length - 1;
        int[] steps = new int[strides.length];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = strides[i][last];
        }
        int[] position = new int[last];
        int[] starts = new int[strides.length];
        for (int target = 0; target < total; target += dims[last]) {
            for (int i = 0; i < starts.length; i++) {
                starts[i] = 0;
                for (int d = 0; d < last; d++) {
                    starts[i] += position[d] * strides[i][d];
                }
            }
            chunks(starts, steps, target, dims[last], run);
            for (int d = last - 1; d >= 0 && ++position[d] == dims[d]; d--) {
                position[d] = 0;
            }
        }
    }

    private static void chunks(int[] starts, int[] steps, int target, int n, Run run) {
        int[] from = starts.clone();
        for (int done = 0; done < n; done += CHUNK) {
            int length = Math.min(CHUNK, n - done);
            run.at(from, steps, target + done, length);
            for (int i = 0; i < from.length; i++) {
                from[i] += length * steps[i];
            }
        }
    }

    private int[] strides(Sample operand) {
        int[] packed = Strided.packed(operand.dims());
        int[] result = new int[dims.length];
        int shift = dims.length - operand.rank();
        for (int d = 0; d < operand.rank(); d++) {
            result[shift + d] = operand.dim(d) == 1 ? 0 : packed[d];
        }
        return result;
    }

    /** Whether every operand is either as large as the result or a single repeated element. */
    private boolean isFlat() {
        int[] packed = Strided.packed(dims);
        for (int i = 0; i < strides.length; i++) {
            boolean full = true;
            for (int d = 0; d < dims.length; d++) {
                full &= dims[d] == 1 || strides[i][d] == packed[d];
            }
            if (!full && !isRepeated(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isRepeated(int operand) {
        for (int stride : strides[operand]) {
            if (stride != 0) {
                return false;
            }
        }
        return true;
    }
}
