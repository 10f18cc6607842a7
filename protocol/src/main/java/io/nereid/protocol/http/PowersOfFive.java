package io.nereid.protocol.http;

import java.math.BigInteger;

/**
 * The 128 leading bits of every power of five that conversions between decimal and binary numbers
 * need: {@code floor(5^q * 2^s)}, with the {@code s} that puts it into {@code [2^127, 2^128)}.
 */
final class PowersOfFive {
    /** Least exponent in the table: anything smaller times a 64-bit number is 0 as a double. */
    static final int MIN = -342;

    /** Greatest exponent in the table; the shortest form of subnormal numbers needs it. */
    static final int MAX = 324;

    private static final int BITS = 128;
    private static final long[] HIGH = new long[MAX - MIN + 1];
    private static final long[] LOW = new long[MAX - MIN + 1];

    static {
        BigInteger power = BigInteger.ONE;
        for (int q = 0; q <= Math.max(MAX, -MIN); q++) {
            if (q <= MAX) {
                put(q, power.shiftLeft(BITS).shiftRight(power.bitLength()));
            }
            if (q > 0 && -q >= MIN) {
                int bits = power.bitLength();
                put(-q, BigInteger.ONE.shiftLeft(BITS + bits - 1).divide(power));
            }
            power = power.multiply(BigInteger.valueOf(5));
        }
    }

    private PowersOfFive() {}

    private static void put(int q, BigInteger value) {
        HIGH[q - MIN] = value.shiftRight(Long.SIZE).longValue();
        LOW[q - MIN] = value.longValue();
    }

    /** Upper 64 bits. */
    static long high(int q) {
        return HIGH[q - MIN];
    }

    /** Lower 64 bits. */
    static long low(int q) {
        return LOW[q - MIN];
    }
}
