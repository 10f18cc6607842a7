package io.nereid.protocol.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads runs of integers of the usual form ({@link NumberRuns}), eight bytes of text at a time.
 *
 * <p>The processor cannot foresee how long the numbers of a tensor are, so their length is computed
 * and nothing branches on it; and where a number ends must be known before the next one can be
 * looked for, so of one-byte types two numbers are taken from a word.
 */
final class IntegerRuns {
    private static final int MAX_DIGITS = 18;

    /** More than the longest element of the usual form and the eight bytes behind. */
    private static final int MARGIN = 40;

    /** Of three digits at the upper end of a word, makes their number modulo 256 there. */
    private static final long THREE_DIGITS = 1 + (10 << 8) + (100 << 16);

    private static final long NONE = -1;

    private IntegerRuns() {}

    /**
     * Reads from the cursor, as {@link NumberRuns#read} does.
     *
     * @param byteSize of an element
     */
    static long read(
            JsonCursor cursor,
            int byteSize,
            boolean unsigned,
            MemorySegment target,
            long count,
            long elements) {
        long n = byteSize == Byte.BYTES ? pairs(cursor, target, count, elements) : count;
        return singles(cursor, byteSize, unsigned, target, n, elements);
    }

    /** Reads pairs of numbers from 0 to 255 without blanks. */
    private static long pairs(JsonCursor cursor, MemorySegment target, long count, long elements) {
        MemorySegment json = cursor.json();
        long last = json.byteSize() - Long.BYTES;
        long p = cursor.position();
        long n = count;
        while (n < elements - 1 && p <= last) {
            long chunk = json.get(LittleEndian.LONG, p);
            long digits = JsonBytes.values(chunk);
            long ends = JsonBytes.separators(digits);
            long secondEnds = ends & (ends - 1);
            int first = Long.numberOfTrailingZeros(ends);
            int second = Long.numberOfTrailingZeros(secondEnds);
            int next = first + Byte.SIZE;
            int a = (int) (((digits << -first) * THREE_DIGITS) >>> 56);
            int b = (int) ((((digits >>> next) << (next - second)) * THREE_DIGITS) >>> 56);
            // A number is what it seems to be if this is how it is written.
            long expected = SmallTexts.of(a) | ((long) SmallTexts.of(b) << next);
            if (secondEnds == 0 || ((chunk ^ expected) & ~(-256L << second)) != 0) {
                break;
            }
            target.set(LittleEndian.SHORT, n, (short) (a | b << Byte.SIZE));
            n += 2;
            p += (second >>> 3) + 1;
        }
        cursor.seek(p);
        return n;
    }

    /** Reads numbers of any length, with or without a minus sign and a blank before it. */
    private static long singles(
            JsonCursor cursor,
            int byteSize,
            boolean unsigned,
            MemorySegment target,
            long count,
            long elements) {
        MemorySegment json = cursor.json();
        long last = json.byteSize() - MARGIN;
        long position = cursor.position();
        long n = count;
        while (n < elements && position <= last) {
            long p = position;
            long chunk = json.get(LittleEndian.LONG, p);
            if ((byte) chunk == ' ') {
                chunk = json.get(LittleEndian.LONG, ++p);
            }
            int minus = (int) ((((chunk & 0xff) ^ '-') - 1) >>> 63);
            p += minus;
            // A byte 0 comes in behind, which is taken for an end but is none.
            chunk >>>= minus << 3;
            long digits = JsonBytes.values(chunk);
            int bits = Long.numberOfTrailingZeros(JsonBytes.separators(digits));
            long value;
            if ((byte) (chunk >>> bits) == ',') {
                long number = digits << -bits;
                boolean usual =
                        bits != 0
                                && JsonBytes.areDigitValues(number)
                                && ((byte) chunk != '0' || bits == Byte.SIZE);
                value = usual ? JsonBytes.number(number) : NONE;
                p += bits >>> 3;
            } else {
                int length = digitsAt(json, p);
                value = number(json, p, length);
                p += length;
            }
            if (value < 0 || (minus != 0 && unsigned)) {
                break;
            }
            NumberArray.putInteger(target, byteSize, n++, (value ^ -minus) + minus);
            position = p + 1;
        }
        cursor.seek(position);
        return n;
    }

    /** How many digits begin there, at most one more than are read here. */
    private static int digitsAt(MemorySegment json, long at) {
        int length = 0;
        while (length < MAX_DIGITS
                && JsonBytes.areDigits(json.get(LittleEndian.LONG, at + length))) {
            length += Long.BYTES;
        }
        while (length <= MAX_DIGITS && isDigit(json.get(ValueLayout.JAVA_BYTE, at + length))) {
            length++;
        }
        return length;
    }

    /** The number of so many digits that begins there, {@link #NONE} if it is not usual. */
    private static long number(MemorySegment json, long at, int length) {
        boolean usual =
                length > 1
                        && length <= MAX_DIGITS
                        && json.get(ValueLayout.JAVA_BYTE, at + length) == ','
                        && json.get(ValueLayout.JAVA_BYTE, at) != '0';
        if (!usual) {
            return NONE;
        }
        long value = 0;
        int done = 0;
        for (; done <= length - Long.BYTES; done += Long.BYTES) {
            value = value * 100_000_000 + JsonBytes.digits(json.get(LittleEndian.LONG, at + done));
        }
        for (; done < length; done++) {
            value = value * 10 + json.get(ValueLayout.JAVA_BYTE, at + done) - '0';
        }
        return value;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
