package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.tensor.DaliException;

/**
 * Maps points of a result to points of its source; coordinates are (x, y) from the corner of the
 * first pixel (DALI section 13).
 */
record AffineMap(float xx, float xy, float x0, float yx, float yy, float y0) {
    private static final int VALUES = 6;

    /**
     * The map of a row-major 2 by 3 matrix.
     *
     * @param toSource whether the matrix maps in this direction already; else it is inverted
     */
    static AffineMap of(double[] matrix, boolean toSource) {
        if (matrix.length != VALUES) {
            throw new DaliException(
                    "`matrix` must have " + VALUES + " values, got " + matrix.length);
        }
        float[] m = new float[VALUES];
        for (int i = 0; i < VALUES; i++) {
            m[i] = (float) matrix[i];
        }
        AffineMap map = new AffineMap(m[0], m[1], m[2], m[3], m[4], m[5]);
        return toSource ? map : map.inverted();
    }

    /**
     * Turns around the centres of both pictures, counter-clockwise as one sees it.
     *
     * @param radians angle
     */
    static AffineMap rotation(double radians, int inH, int inW, int outH, int outW) {
        double cos = Math.cos(radians);
        double sin = Math.sin(radians);
        double x0 = inW / 2.0 - cos * outW / 2.0 + sin * outH / 2.0;
        double y0 = inH / 2.0 - sin * outW / 2.0 - cos * outH / 2.0;
        return new AffineMap(
                (float) cos, (float) -sin, (float) x0, (float) sin, (float) cos, (float) y0);
    }

    private AffineMap inverted() {
        double determinant = (double) xx * yy - (double) xy * yx;
        if (determinant == 0) {
            throw new DaliException("The matrix cannot be inverted");
        }
        double a = yy / determinant;
        double b = -xy / determinant;
        double c = -yx / determinant;
        double d = xx / determinant;
        return new AffineMap(
                (float) a,
                (float) b,
                (float) -(a * x0 + b * y0),
                (float) c,
                (float) d,
                (float) -(c * x0 + d * y0));
    }

    float x(float x, float y) {
        return xx * x + xy * y + x0;
    }

    float y(float x, float y) {
        return yx * x + yy * y + y0;
    }
}
