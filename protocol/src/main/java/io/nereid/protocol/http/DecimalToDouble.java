package io.nereid.protocol.http;

/**
 * Converts {@code mantissa * 10^exponent} to the nearest double, ties to even.
 *
 * <p>Short numbers take one exact multiplication or division. Others are multiplied by the leading
 * bits of a power of five (D. Lemire, "Number Parsing at a Gigabyte per Second", Softw. Pract. Exp.
 * 2021); in the rare cases where those bits do not decide the rounding, the answer is left to the
 * caller.
 */
final class DecimalToDouble {
    /** The answer when the rounding could not be decided; never the value of a number. */
    static final double UNDECIDED = Double.NaN;

    private static final int EXACT_EXPONENT = 22;
    private static final double[] EXACT = new double[EXACT_EXPONENT + 1];

    private static final int MANTISSA_BITS = 52;
    private static final int MAX_EXPONENT = 308;
    private static final int INFINITE_POWER = 0x7ff;

    /** Bits of the 64-bit product below mantissa, hidden bit, rounding bit and carry. */
    private static final long UNCERTAIN = 0x1ff;

    static {
        double power = 1;
        for (int i = 0; i <= EXACT_EXPONENT; i++) {
            EXACT[i] = power;
            power *= 10;
        }
    }

    private DecimalToDouble() {}

    /**
     * The nearest double, 0 or infinity beyond the range, or {@link #UNDECIDED}.
     *
     * @param mantissa unsigned
     */
    static double convert(long mantissa, long exponent) {
        if (mantissa >= 0
                && mantissa <= 1L << 53
                && exponent >= -EXACT_EXPONENT
                && exponent <= EXACT_EXPONENT) {
            return exponent < 0
                    ? mantissa / EXACT[(int) -exponent]
                    : mantissa * EXACT[(int) exponent];
        }
        if (mantissa == 0 || exponent < PowersOfFive.MIN) {
            return 0;
        }
        return exponent > MAX_EXPONENT
                ? Double.POSITIVE_INFINITY
                : multiply(mantissa, (int) exponent);
    }

    private static double multiply(long mantissa, int exponent) {
        int shift = Long.numberOfLeadingZeros(mantissa);
        long w = mantissa << shift;
        long factor = PowersOfFive.high(exponent);
        long high = Math.unsignedMultiplyHigh(w, factor);
        long low = w * factor;
        if ((high & UNCERTAIN) == UNCERTAIN) {
            // Reciprocals of exact powers are rounded up, so that a product may touch a tie.
            long rest = PowersOfFive.low(exponent) + (exponent < 0 && exponent >= -27 ? 1 : 0);
            long carry = Math.unsignedMultiplyHigh(w, rest);
            low += carry;
            if (Long.compareUnsigned(low, carry) < 0) {
                high++;
            }
        }
        if (low == -1 && (exponent < -27 || exponent > 55)) {
            return UNDECIDED;
        }
        int top = (int) (high >>> 63);
        int binary = binaryExponent(exponent) + top - shift + Double.MAX_EXPONENT;
        return round(high, low, top, binary, exponent);
    }

    /** {@code floor(log2(10^exponent)) + 63}. */
    private static int binaryExponent(int exponent) {
        return ((217706 * exponent) >> 16) + 63;
    }

    private static double round(long high, long low, int top, int binary, int exponent) {
        int drop = top + Long.SIZE - MANTISSA_BITS - 3;
        long mantissa = high >>> drop;
        if (binary <= 0) {
            return subnormal(mantissa, 1 - binary);
        }
        boolean mayTie = exponent >= -4 && exponent <= 23 && Long.compareUnsigned(low, 1) <= 0;
        if (mayTie && (mantissa & 3) == 1 && mantissa << drop == high) {
            mantissa &= ~1;
        }
        mantissa = (mantissa + (mantissa & 1)) >>> 1;
        int power = binary;
        if (mantissa >= 2L << MANTISSA_BITS) {
            mantissa = 1L << MANTISSA_BITS;
            power++;
        }
        if (power >= INFINITE_POWER) {
            return Double.POSITIVE_INFINITY;
        }
        long bits = ((long) power << MANTISSA_BITS) | (mantissa & ~(1L << MANTISSA_BITS));
        return Double.longBitsToDouble(bits);
    }

    private static double subnormal(long mantissa, int shift) {
        if (shift >= Long.SIZE) {
            return 0;
        }
        long shifted = mantissa >>> shift;
        shifted = (shifted + (shifted & 1)) >>> 1;
        // Rounding up may reach the least normal number; its exponent is then the carry.
        return Double.longBitsToDouble(shifted);
    }
}
