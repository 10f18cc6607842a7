package io.nereid.backend.dali.tensor;

/** Walks tensors whose axes lie at any distance from one another. Distances count elements. */
public final class Strided {
    /** Called for each run along the last axis with the positions of its first elements. */
    @FunctionalInterface
    public interface Row {
        /** Handles one run. */
        void at(int source, int target);
    }

    private Strided() {}

    /** Distances of a packed tensor. */
    public static int[] packed(int... dims) {
        int[] strides = new int[dims.length];
        int stride = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= dims[axis];
        }
        return strides;
    }

    /** Product of the extents from {@code from} to before {@code to}. */
    public static int volume(int[] dims, int from, int to) {
        int volume = 1;
        for (int axis = from; axis < to; axis++) {
            volume *= dims[axis];
        }
        return volume;
    }

    /**
     * Walks over all runs along the last axis, in row-major order.
     *
     * @param dims extents, at least one
     */
    public static void forEachRow(
            int[] dims,
            int sourceStart,
            int[] sourceStrides,
            int targetStart,
            int[] targetStrides,
            Row row) {
        int outer = dims.length - 1;
        for (int dim : dims) {
            if (dim == 0) {
                return;
            }
        }
        int[] position = new int[outer];
        int source = sourceStart;
        int target = targetStart;
        while (true) {
            row.at(source, target);
            int axis = outer - 1;
            while (axis >= 0) {
                source += sourceStrides[axis];
                target += targetStrides[axis];
                if (++position[axis] < dims[axis]) {
                    break;
                }
                source -= dims[axis] * sourceStrides[axis];
                target -= dims[axis] * targetStrides[axis];
                position[axis] = 0;
                axis--;
            }
            if (axis < 0) {
                return;
            }
        }
    }

    /**
     * Gathers elements of {@code source} into a new packed sample.
     *
     * @param dims extents of the result
     * @param start position of the result's first element in {@code source}
     * @param strides distances in {@code source}, may be negative
     */
    public static Sample gather(
            Sample source, int[] dims, int start, int[] strides, String layout) {
        Sample result = Sample.zeros(source.type(), layout, dims);
        copy(
                source.type().byteSize(),
                dims,
                source.data(),
                start,
                strides,
                result.data(),
                0,
                packed(dims));
        return result;
    }

    /** Copies elements of {@code size} bytes from one strided tensor to another. */
    public static void copy(
            int size,
            int[] dims,
            byte[] source,
            int sourceStart,
            int[] sourceStrides,
            byte[] target,
            int targetStart,
            int[] targetStrides) {
        int axes = dims.length;
        int block = 1;
        while (axes > 0 && sourceStrides[axes - 1] == block && targetStrides[axes - 1] == block) {
            axes--;
            block *= dims[axes];
        }
        int last = axes == 0 ? 1 : dims[axes - 1];
        int sourceStep = axes == 0 ? 0 : sourceStrides[axes - 1];
        int targetStep = axes == 0 ? 0 : targetStrides[axes - 1];
        int bytes = block * size;
        int[] outer = axes == 0 ? new int[] {1} : java.util.Arrays.copyOf(dims, axes);
        int[] from = axes == 0 ? new int[] {0} : sourceStrides;
        int[] to = axes == 0 ? new int[] {0} : targetStrides;
        if (bytes == 0) {
            return;
        }
        forEachRow(
                outer,
                sourceStart,
                from,
                targetStart,
                to,
                (s, t) ->
                        copyRun(
                                bytes,
                                last,
                                source,
                                s * size,
                                sourceStep * size,
                                target,
                                t * size,
                                targetStep * size));
    }

    private static void copyRun(
            int bytes,
            int n,
            byte[] source,
            int sourceStart,
            int sourceStep,
            byte[] target,
            int targetStart,
            int targetStep) {
        int s = sourceStart;
        int t = targetStart;
        switch (bytes) {
            case 1 -> {
                for (int i = 0; i < n; i++, s += sourceStep, t += targetStep) {
                    target[t] = source[s];
                }
            }
            case 3 -> {
                for (int i = 0; i < n; i++, s += sourceStep, t += targetStep) {
                    target[t] = source[s];
                    target[t + 1] = source[s + 1];
                    target[t + 2] = source[s + 2];
                }
            }
            case 4 -> {
                for (int i = 0; i < n; i++, s += sourceStep, t += targetStep) {
                    Elements.INT.set(target, t, (int) Elements.INT.get(source, s));
                }
            }
            default -> {
                for (int i = 0; i < n; i++, s += sourceStep, t += targetStep) {
                    System.arraycopy(source, s, target, t, bytes);
                }
            }
        }
    }
}
