package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.tensor.DaliException;

/** For each output position along one axis: which source positions count, and how much. */
final class ResampleTable {
    private static final long MAX_ENTRIES = 1L << 26;

    /**
     * What a table depends on.
     *
     * @param in extent of the source
     * @param out extent of the result
     * @param lo begin of the source region
     * @param hi end of the source region; below {@code lo} for a mirrored result
     * @param filter window
     * @param antialias whether a reduction widens the window
     */
    record Key(int in, int out, float lo, float hi, Filter filter, boolean antialias) {}

    final int taps;

    /** {@code taps} source positions for each output position, inside the source. */
    final int[] positions;

    /** As many weights, adding up to 1. */
    final float[] weights;

    private ResampleTable(int out, int taps) {
        if ((long) out * taps > MAX_ENTRIES) {
            throw new DaliException("Resizing to " + out + " pixels from far more is not possible");
        }
        this.taps = taps;
        this.positions = new int[out * taps];
        this.weights = new float[out * taps];
    }

    static ResampleTable of(Key key) {
        return key.filter() == Filter.NEAREST ? nearest(key) : windowed(key);
    }

    /** Weights of a Gaussian window at each of {@code n} positions, mirrored at the edges. */
    static ResampleTable gaussian(int n, int window, double sigma) {
        ResampleTable table = new ResampleTable(n, window);
        float[] weights = new float[window];
        float sum = 0;
        for (int k = 0; k < window; k++) {
            double distance = k - (window - 1) / 2;
            weights[k] = (float) Math.exp(-distance * distance / (2 * sigma * sigma));
            sum += weights[k];
        }
        int period = Math.max(1, 2 * n - 2);
        for (int x = 0; x < n; x++) {
            for (int k = 0; k < window; k++) {
                int folded = Math.floorMod(x + k - (window - 1) / 2, period);
                table.positions[x * window + k] = folded < n ? folded : period - folded;
                table.weights[x * window + k] = weights[k] / sum;
            }
        }
        return table;
    }

    private static ResampleTable nearest(Key key) {
        ResampleTable table = new ResampleTable(key.out(), 1);
        float scale = (key.hi() - key.lo()) / key.out();
        for (int x = 0; x < key.out(); x++) {
            int position = (int) Math.floor(key.lo() + (x + 0.5f) * scale);
            table.positions[x] = Math.clamp(position, 0, key.in() - 1);
            table.weights[x] = 1;
        }
        return table;
    }

    private static ResampleTable windowed(Key key) {
        float region = Math.abs(key.hi() - key.lo());
        float ratio = key.antialias() && region > key.out() ? region / key.out() : 1;
        Filter filter = key.filter();
        float support = filter.support(ratio);
        float tableScale = filter.tableScale(support);
        ResampleTable table = new ResampleTable(key.out(), (int) Math.ceil(support));
        float scale = (key.hi() - key.lo()) / key.out();
        float start = key.lo() + 0.5f * scale - 0.5f - support / 2;
        for (int x = 0; x < key.out(); x++) {
            table.fill(x, x * scale + start, tableScale, key);
        }
        return table;
    }

    private void fill(int x, float source, float tableScale, Key key) {
        int first = (int) Math.ceil(source);
        float offset = first - source;
        float sum = 0;
        for (int k = 0; k < taps; k++) {
            int entry = x * taps + k;
            weights[entry] = key.filter().at((offset + k) * tableScale);
            positions[entry] = Math.clamp((long) first + k, 0, key.in() - 1);
            sum += weights[entry];
        }
        if (sum != 0) {
            for (int k = 0; k < taps; k++) {
                weights[x * taps + k] /= sum;
            }
        }
    }
}
