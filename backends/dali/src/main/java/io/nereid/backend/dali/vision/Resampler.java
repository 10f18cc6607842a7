package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.Arrays;
import java.util.List;

/**
 * Resamples one axis after the other: floats in between, ConvertSat at the end (DALI section 7.3).
 *
 * <p>A pass sees the tensor as {@code [outer, n, inner]}. Where {@code inner} is long the sum runs
 * over whole rows, else over the taps of each pixel; both loops are plain enough for the compiler
 * to vectorise.
 */
final class Resampler {
    /** Rows of fewer elements than this are summed pixel by pixel. */
    private static final int SHORT_ROW = 16;

    /** One axis to resample. */
    record Pass(int axis, int out, ResampleTable table) {}

    /** Where a pass reads: 8-bit pixels as they are, or floats. */
    private static final class Source {
        private final byte[] bytes;
        private final float[] floats;
        private final boolean isBytes;

        private Source(byte[] bytes, float[] floats, boolean isBytes) {
            this.bytes = bytes;
            this.floats = floats;
            this.isBytes = isBytes;
        }

        static Source of(Sample sample) {
            return sample.type() == ElementType.UINT8
                    ? new Source(sample.data(), new float[0], true)
                    : new Source(new byte[0], sample.toFloats(), false);
        }

        static Source of(float[] floats) {
            return new Source(new byte[0], floats, false);
        }
    }

    /** Where a pass writes: floats for the next pass, or the finished elements. */
    private static final class Target {
        private final float[] floats;
        private final Sample sample;
        private final boolean isLast;

        Target(float[] floats, Sample sample, boolean isLast) {
            this.floats = floats;
            this.sample = sample;
            this.isLast = isLast;
        }

        void put(float[] row, int n, int position) {
            if (isLast) {
                Elements.fromFloats(sample.type(), row, n, sample.data(), position);
            } else {
                System.arraycopy(row, 0, floats, position, n);
            }
        }
    }

    private Resampler() {}

    /**
     * Runs the passes in the order given.
     *
     * @param passes at least one
     */
    static Sample run(Sample input, List<Pass> passes, ElementType type, String layout) {
        int[] dims = input.dims();
        Source source = Source.of(input);
        Sample result = Sample.zeros(type, layout, resized(dims, passes));
        for (int i = 0; i < passes.size(); i++) {
            Pass pass = passes.get(i);
            boolean last = i == passes.size() - 1;
            int outer = Strided.volume(dims, 0, pass.axis());
            int inner = Strided.volume(dims, pass.axis() + 1, dims.length);
            int n = dims[pass.axis()];
            long size = (long) outer * pass.out() * inner;
            if (4 * size > Sample.MAX_BYTES) {
                throw new DaliException("Resizing " + input + " needs too much memory");
            }
            Target target = new Target(new float[last ? 0 : (int) size], result, last);
            if (inner < SHORT_ROW) {
                alongPixels(source, target, outer, n, inner, pass);
            } else {
                alongRows(source, target, outer, n, inner, pass);
            }
            dims[pass.axis()] = pass.out();
            source = Source.of(target.floats);
        }
        return result;
    }

    private static int[] resized(int[] dims, List<Pass> passes) {
        int[] out = dims.clone();
        passes.forEach(pass -> out[pass.axis()] = pass.out());
        return out;
    }

    private static void alongRows(
            Source source, Target target, int outer, int n, int inner, Pass pass) {
        ResampleTable table = pass.table();
        float[] sum = new float[inner];
        for (int o = 0; o < outer; o++) {
            for (int x = 0; x < pass.out(); x++) {
                Arrays.fill(sum, 0);
                for (int k = x * table.taps; k < (x + 1) * table.taps; k++) {
                    float weight = table.weights[k];
                    int from = (o * n + table.positions[k]) * inner;
                    if (weight == 0) {
                        continue;
                    }
                    if (source.isBytes) {
                        addBytes(sum, source.bytes, from, weight);
                    } else {
                        addFloats(sum, source.floats, from, weight);
                    }
                }
                target.put(sum, inner, (o * pass.out() + x) * inner);
            }
        }
    }

    private static void addBytes(float[] sum, byte[] row, int from, float weight) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] += weight * (row[from + j] & 0xFF);
        }
    }

    private static void addFloats(float[] sum, float[] row, int from, float weight) {
        for (int j = 0; j < sum.length; j++) {
            sum[j] += weight * row[from + j];
        }
    }

    private static void alongPixels(
            Source source, Target target, int outer, int n, int inner, Pass pass) {
        float[] line = new float[source.isBytes ? n * inner : 0];
        float[] out = new float[pass.out() * inner];
        for (int o = 0; o < outer; o++) {
            int start = o * n * inner;
            if (source.isBytes) {
                Elements.toFloats(ElementType.UINT8, source.bytes, start, line.length, line);
                start = 0;
            }
            float[] from = source.isBytes ? line : source.floats;
            if (inner == 3) {
                sumOfThree(from, start, out, pass);
            } else {
                for (int c = 0; c < inner; c++) {
                    sumOfOne(from, start + c, inner, out, c, pass);
                }
            }
            target.put(out, out.length, o * out.length);
        }
    }

    private static void sumOfThree(float[] line, int start, float[] out, Pass pass) {
        int taps = pass.table().taps;
        int[] positions = pass.table().positions;
        float[] weights = pass.table().weights;
        for (int x = 0; x < pass.out(); x++) {
            float a = 0;
            float b = 0;
            float c = 0;
            for (int k = x * taps; k < (x + 1) * taps; k++) {
                int p = start + 3 * positions[k];
                float weight = weights[k];
                a += weight * line[p];
                b += weight * line[p + 1];
                c += weight * line[p + 2];
            }
            out[3 * x] = a;
            out[3 * x + 1] = b;
            out[3 * x + 2] = c;
        }
    }

    private static void sumOfOne(
            float[] line, int start, int step, float[] out, int outStart, Pass pass) {
        int taps = pass.table().taps;
        int[] positions = pass.table().positions;
        float[] weights = pass.table().weights;
        for (int x = 0; x < pass.out(); x++) {
            float sum = 0;
            for (int k = x * taps; k < (x + 1) * taps; k++) {
                sum += weights[k] * line[start + step * positions[k]];
            }
            out[outStart + step * x] = sum;
        }
    }
}
