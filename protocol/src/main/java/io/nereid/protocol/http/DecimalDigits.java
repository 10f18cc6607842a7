package io.nereid.protocol.http;

/** Decimal digits of numbers as text, eight at a time. */
final class DecimalDigits {
    /** Ten to this power is one more than eight digits can say. */
    static final long EIGHT = 100_000_000;

    private static final long ZEROS = 0x3030303030303030L;
    private static final long[] POWERS = new long[19];

    static {
        long power = 1;
        for (int i = 0; i < POWERS.length; i++) {
            POWERS[i] = power;
            power *= 10;
        }
    }

    private DecimalDigits() {}

    /**
     * Ten to that power.
     *
     * @param exponent from 0 to 18
     */
    static long powerOfTen(int exponent) {
        return POWERS[exponent];
    }

    /**
     * How many digits a number has.
     *
     * @param value 0 or more
     */
    static int count(long value) {
        // 1233 / 4096 is just above the decimal logarithm of 2.
        int atMost = ((Long.SIZE - Long.numberOfLeadingZeros(value | 1)) * 1233) >>> 12;
        return value < POWERS[atMost] ? Math.max(atMost, 1) : atMost + 1;
    }

    /**
     * The digits of a number, filled up with zeros to eight; the first one is the lowest byte.
     *
     * @param value from 0 to 99,999,999
     */
    static long text(long value) {
        long upper = value / 10_000;
        long fours = upper | ((value - upper * 10_000) << 32);
        long hundreds = ((fours * 10_486) >>> 20) & 0x0000_007f_0000_007fL;
        long twos = hundreds | ((fours - hundreds * 100) << 16);
        long tens = ((twos * 103) >>> 10) & 0x000f_000f_000f_000fL;
        return ZEROS | tens | ((twos - tens * 10) << 8);
    }
}
