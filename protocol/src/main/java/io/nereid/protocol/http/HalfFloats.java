package io.nereid.protocol.http;

/**
 * The two floating-point types of 16 bits. Both are rounded once, to nearest, ties to even: the
 * step through a float rounds to odd, which leaves no trace in fewer bits.
 */
final class HalfFloats {
    private static final int LOW_BITS = 16;
    private static final int QUIET_NAN = 0x7fc0;

    private HalfFloats() {}

    /** The bits of the nearest IEEE half, of infinity beyond its range. */
    static short toHalf(double value) {
        return Float.floatToFloat16(roundedToOdd(value));
    }

    /** The bits of the nearest bfloat16, of infinity beyond its range. */
    static short toBfloat(double value) {
        if (Double.isNaN(value)) {
            return (short) QUIET_NAN;
        }
        int bits = Float.floatToRawIntBits(roundedToOdd(value));
        int tie = 0x7fff + ((bits >>> LOW_BITS) & 1);
        return (short) ((bits + tie) >>> LOW_BITS);
    }

    /** The exact value of an IEEE half. */
    static double fromHalf(short bits) {
        return Float.float16ToFloat(bits);
    }

    /** The exact value of a bfloat16. */
    static double fromBfloat(short bits) {
        return Float.intBitsToFloat(bits << LOW_BITS);
    }

    /**
     * The value itself if it is a float, else of the two floats beside it the one with odd bits.
     */
    private static float roundedToOdd(double value) {
        float nearest = (float) value;
        if (nearest == value || Double.isNaN(value)) {
            return nearest;
        }
        int bits = Float.floatToRawIntBits(nearest);
        boolean away = Math.abs((double) nearest) > Math.abs(value);
        return Float.intBitsToFloat((away ? bits - 1 : bits) | 1);
    }
}
