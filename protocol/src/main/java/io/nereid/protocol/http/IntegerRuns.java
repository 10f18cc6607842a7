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

    /**
     * Reads numbers from 0 to 255 without blanks, two pairs at a time: how much there is to read is
     * decided once for both, and the place of the second is known before the first is looked at.
     */
    private static long pairs(JsonCursor cursor, MemorySegment target, long count, long elements) {
        MemorySegment json = cursor.json();
        long last = json.byteSize() - MARGIN;
        long p = cursor.position();
        long n = count;
        while (n <= elements - 4 && p <= last) {
            long text = json.get(LittleEndian.LONG, p);
            long ends = JsonBytes.separators(text);
            long secondEnds = ends & (ends - 1);
            long q = p + behind(secondEnds);
            long more = json.get(LittleEndian.LONG, q);
            long thirdEnds = JsonBytes.separators(more);
            long fourthEnds = thirdEnds & (thirdEnds - 1);
            int first = JsonBytes.bitsBefore(ends);
            int second = JsonBytes.bitsBefore(secondEnds);
            int third = JsonBytes.bitsBefore(thirdEnds);
            int fourth = JsonBytes.bitsBefore(fourthEnds);
            int a = number(text, 0, first);
            int b = number(text, first + Byte.SIZE, second);
            int c = number(more, 0, third);
            int d = number(more, third + Byte.SIZE, fourth);
            long wrong = wrong(text, a, b, first, second) | wrong(more, c, d, third, fourth);
            if (secondEnds == 0 || fourthEnds == 0 || wrong != 0) {
                break;
            }
            target.set(LittleEndian.INT, n, a | b << 8 | c << 16 | d << 24);
            n += 4;
            p = q + behind(fourthEnds);
        }
        cursor.seek(p);
        return n;
    }

    /** Bytes of a word up to the first of these separators and with it; 9 if there is none. */
    private static int behind(long separators) {
        return (Long.numberOfTrailingZeros(separators) >>> 3) + 1;
    }

    /** The number of at most three digits between two places of a word, in bits; modulo 256. */
    private static int number(long text, int from, int to) {
        long digits = (JsonBytes.values(text) >>> from) << (from - to);
        return (int) ((digits * THREE_DIGITS) >>> 56);
    }

    /** Zero if a word begins with two numbers, which end at these places, as they are written. */
    private static long wrong(long text, int a, int b, int first, int second) {
        long expected = SmallTexts.of(a) | ((long) SmallTexts.of(b) << (first + Byte.SIZE));
        return (text ^ expected) & ~(-256L << second);
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
            int bits = JsonBytes.bitsBefore(JsonBytes.separators(chunk));
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
