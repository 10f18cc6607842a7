package io.nereid.protocol.http;

/**
 * The shortest decimal that reads back as a given double, and among several of that length the one
 * nearest to it: {@code digits * 10^exponent}. Reused from number to number, so nothing is
 * allocated.
 *
 * <p>The method is R. Giulietti's ("The Schubfach way to render doubles", 2020): scale the interval
 * of numbers that round to the double by a power of ten so that it spans between 2 and 20 integers,
 * then look whether a multiple of ten lies in it, else an integer.
 */
final class ShortestDecimal {
    private static final int MANTISSA_BITS = 52;
    private static final long HIDDEN = 1L << MANTISSA_BITS;
    private static final int EXPONENT_BIAS = 1075;
    private static final int MIN_EXPONENT = -1074;
    private static final long MASK_63 = Long.MAX_VALUE;

    private long digits;
    private int exponent;

    /** Digits as a number that does not end in 0; at most 17 of them. */
    long digits() {
        return digits;
    }

    /** Power of ten that the digits are multiplied by. */
    int exponent() {
        return exponent;
    }

    /**
     * @param value finite and greater than 0
     */
    void convert(double value) {
        long bits = Double.doubleToRawLongBits(value);
        long fraction = bits & (HIDDEN - 1);
        int biased = (int) (bits >>> MANTISSA_BITS);
        if (biased == 0) {
            convert(fraction, MIN_EXPONENT);
        } else {
            convert(HIDDEN | fraction, biased - EXPONENT_BIAS);
        }
        stripZeros();
    }

    /**
     * Takes digits that are known to be the shortest but for zeros at their end.
     *
     * @param newDigits greater than 0
     */
    void set(long newDigits, int newExponent) {
        digits = newDigits;
        exponent = newExponent;
        stripZeros();
    }

    private void stripZeros() {
        if (digits % DecimalDigits.EIGHT == 0) {
            digits /= DecimalDigits.EIGHT;
            exponent += 8;
        }
        while (digits % 10 == 0) {
            digits /= 10;
            exponent++;
        }
    }

    /** Of {@code c * 2^q}. */
    private void convert(long c, int q) {
        int out = (int) (c & 1);
        long mid = c << 2;
        boolean regular = c != HIDDEN || q == MIN_EXPONENT;
        int k = regular ? floorLog10Pow2(q) : floorLog10ThreeQuartersPow2(q);
        int h = q + floorLog2Pow10(-k) + 2;

        // 126 bits of 10^-k, rounded up: g = g1 * 2^63 + g0.
        long high = PowersOfFive.high(-k);
        long low = ((high << 62) | (PowersOfFive.low(-k) >>> 2)) + 1;
        high >>>= 2;
        long g1 = ((low == 0 ? high + 1 : high) << 1) | (low >>> 63);
        long g0 = low & MASK_63;

        long left = roundToOdd(g1, g0, (regular ? mid - 2 : mid - 1) << h);
        long middle = roundToOdd(g1, g0, mid << h);
        long right = roundToOdd(g1, g0, (mid + 2) << h);

        exponent = k;
        long s = middle >> 2;
        if (s >= 10) {
            long below = s / 10 * 10;
            long above = below + 10;
            boolean belowFits = left + out <= below << 2;
            boolean aboveFits = (above << 2) + out <= right;
            if (belowFits != aboveFits) {
                digits = belowFits ? below : above;
                return;
            }
        }
        long t = s + 1;
        boolean lowerFits = left + out <= s << 2;
        boolean upperFits = (t << 2) + out <= right;
        if (lowerFits != upperFits) {
            digits = lowerFits ? s : t;
            return;
        }
        long distance = middle - ((s + t) << 1);
        digits = distance < 0 || (distance == 0 && (s & 1) == 0) ? s : t;
    }

    /** {@code floor(g * cp / 2^127)}, its last bit set if anything was cut off. */
    private static long roundToOdd(long g1, long g0, long cp) {
        long x = Math.multiplyHigh(g0, cp);
        long y = g1 * cp;
        long z = (y >>> 1) + x;
        long w = Math.multiplyHigh(g1, cp) + (z >>> 63);
        return w | (((z & MASK_63) + MASK_63) >>> 63);
    }

    // Logarithms as fractions: exact over the exponents of doubles, checked by the tests.

    private static int floorLog10Pow2(int e) {
        return (int) ((e * 661_971_961_083L) >> 41);
    }

    private static int floorLog10ThreeQuartersPow2(int e) {
        return (int) ((e * 661_971_961_083L - 274_743_187_321L) >> 41);
    }

    private static int floorLog2Pow10(int e) {
        return (int) ((e * 913_124_641_741L) >> 38);
    }
}
