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
