package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.tensor.DaliException;

/** A window for resampling: a table that is read with linear interpolation (DALI section 7.3). */
enum Filter {
    NEAREST,
    LINEAR,
    CUBIC,
    LANCZOS3,
    TRIANGULAR,
    GAUSSIAN;

    private static final float[] TRIANGLE_TABLE = {0, 1, 0};
    private static final float[] GAUSSIAN_TABLE = gaussianTable();
    private static final float[] CUBIC_TABLE = cubicTable();
    private static final float[] LANCZOS_TABLE = lanczosTable();

    /** The filter with that number in files. */
    static Filter ofId(long id) {
        if (id < 0 || id >= values().length) {
            throw new DaliException("Unknown interpolation type: " + id);
        }
        return values()[(int) id];
    }

    /** The filter that is used in the end (section 7.4). */
    Filter with(boolean antialias) {
        return switch (this) {
            case LINEAR -> antialias ? TRIANGULAR : LINEAR;
            case TRIANGULAR -> antialias ? TRIANGULAR : LINEAR;
            case NEAREST, CUBIC, LANCZOS3, GAUSSIAN -> this;
        };
    }

    /** Width of the window in source pixels for a reduction by {@code ratio}. */
    float support(float ratio) {
        return switch (this) {
            case NEAREST -> 1;
            case LINEAR -> 2;
            case TRIANGULAR, GAUSSIAN -> Math.max(1f, 2 * ratio);
            case CUBIC -> 2 * Math.max(2f, 2 * ratio);
            case LANCZOS3 -> 2 * Math.max(3f, 3 * ratio);
        };
    }

    /** Factor from a distance in source pixels to a position in the table. */
    float tableScale(float support) {
        return (table().length - 1) / support;
    }

    /** Value at a position of the table. */
    float at(float position) {
        float[] table = table();
        if (!(position > -1 && position < table.length)) {
            return 0;
        }
        int index = (int) Math.floor(position);
        float fraction = position - index;
        float low = index < 0 ? 0 : table[index];
        float high = index + 1 >= table.length ? 0 : table[index + 1];
        return low + fraction * (high - low);
    }

    private float[] table() {
        return switch (this) {
            case NEAREST, LINEAR, TRIANGULAR -> TRIANGLE_TABLE;
            case GAUSSIAN -> GAUSSIAN_TABLE;
            case CUBIC -> CUBIC_TABLE;
            case LANCZOS3 -> LANCZOS_TABLE;
        };
    }

    private static float[] gaussianTable() {
        float[] table = new float[65];
        for (int i = 0; i < table.length; i++) {
            double x = 4.0 * (i - 32) / 64;
            table[i] = (float) Math.exp(-x * x);
        }
        return table;
    }

    private static float[] cubicTable() {
        float[] table = new float[129];
        for (int i = 0; i < table.length; i++) {
            double x = Math.abs(4.0 * (i - 64) / 128);
            double near = 1.5 * x * x * x - 2.5 * x * x + 1;
            double far = -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2;
            table[i] = (float) (x >= 2 ? 0 : x > 1 ? far : near);
        }
        return table;
    }

    private static float[] lanczosTable() {
        float[] table = new float[193];
        for (int i = 0; i < table.length; i++) {
            double x = 6.0 * (i - 96) / 192;
            table[i] = (float) (Math.abs(x) >= 3 ? 0 : sinc(x) * sinc(x / 3));
        }
        return table;
    }

    private static double sinc(double x) {
        return Math.abs(x) < 1e-8 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }
}
