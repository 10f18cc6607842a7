package io.nereid.protocol.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Looks at eight bytes of a JSON text at a time. */
final class JsonBytes {
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private static final long HIGH_NIBBLES = 0xF0F0F0F0F0F0F0F0L;

    /** Bits that all digits have, and neither commas nor blanks. */
    private static final long DIGIT_BITS = 0x1010101010101010L;

    private JsonBytes() {}

    /**
     * Place of the first byte from {@code from} on that a JSON string cannot hold as it is: a
     * quote, a backslash or a control character; {@code end} if there is none.
     */
    static long plainRun(MemorySegment bytes, long from, long end) {
        long p = from;
        for (; p <= end - Long.BYTES; p += Long.BYTES) {
            long found = specials(bytes.get(LittleEndian.LONG, p));
            if (found != 0) {
                return p + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (p < end && !isSpecial(bytes.get(ValueLayout.JAVA_BYTE, p))) {
            p++;
        }
        return p;
    }

    /** The lowest bit is the high one of the first byte that is special. */
    private static long specials(long chunk) {
        long quote = chunk ^ ('"' * ONES);
        long backslash = chunk ^ ('\\' * ONES);
        long found = below(quote, 1) | below(backslash, 1) | below(chunk, ' ');
        return found & HIGH_BITS;
    }

    /** The high bit of a byte is set if that byte, or one before it, is less than the bound. */
    private static long below(long chunk, long bound) {
        return (chunk - bound * ONES) & ~chunk;
    }

    private static boolean isSpecial(byte b) {
        return b == '"' || b == '\\' || (b >= 0 && b < ' ');
    }

    /** Whether all eight bytes are decimal digits. */
    static boolean areDigits(long chunk) {
        long raised = chunk + 6 * ONES;
        return ((chunk & HIGH_NIBBLES) | ((raised & HIGH_NIBBLES) >>> 4)) == 0x33 * ONES;
    }

    /** The number that eight decimal digits stand for. */
    static long digits(long chunk) {
        return number(values(chunk));
    }

    /** Eight bytes of which the decimal digits have become their values. */
    static long values(long chunk) {
        return chunk ^ ('0' * ONES);
    }

    /**
     * One bit of every byte that cannot be a digit, by a look at that bit alone: commas and blanks
     * are found, not everything else.
     */
    static long separators(long chunk) {
        return ~chunk & DIGIT_BITS;
    }

    /** How many bits lie before the byte of the first separator; all 64 if there is none. */
    static int bitsBefore(long separators) {
        return Long.numberOfTrailingZeros(separators) & -Byte.SIZE;
    }

    /** Whether all eight bytes are values of decimal digits. */
    static boolean areDigitValues(long values) {
        return (((values + (0x80 - 10) * ONES) | values) & HIGH_BITS) == 0;
    }

    /** The number whose eight digits have these values. */
    static long number(long values) {
        long pairs = values * 10 + (values >>> 8);
        long upper = (pairs & 0x000000FF000000FFL) * (100 + (1_000_000L << 32));
        long lower = ((pairs >>> 16) & 0x000000FF000000FFL) * (1 + (10_000L << 32));
        return (upper + lower) >>> 32;
    }
}
