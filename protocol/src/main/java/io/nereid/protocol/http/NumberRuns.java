package io.nereid.protocol.http;

import io.nereid.protocol.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads runs of array elements of the usual form, which is nearly all of them: a number of at most
 * 18 or 19 digits, at most one blank before it and a comma right behind it. It stops before the
 * first element that is anything else, and the careful way takes over.
 */
final class NumberRuns {
    /** That many fit an unsigned 64-bit mantissa; a lone 0 before the point is not counted. */
    private static final int MAX_REAL_DIGITS = 19;

    private static final int MAX_EXPONENT_DIGITS = 4;

    /** More than the longest element of the usual form, and eight bytes read at once. */
    private static final int MARGIN = 64;

    private NumberRuns() {}

    /** Whether elements of this type are read here. */
    static boolean canRead(DataType type) {
        return type != DataType.BOOL;
    }

    /**
     * Reads from the cursor, which stands where an element begins and will stand so again.
     *
     * @param count elements in {@code target} already
     * @param elements most elements there may be
     * @return elements in {@code target} now
     */
    static long read(
            JsonCursor cursor, DataType type, MemorySegment target, long count, long elements) {
        return switch (type) {
            case FP16, BF16, FP32, FP64 -> reals(cursor, type, target, count, elements);
            case UINT8, UINT16, UINT32, UINT64 ->
                    IntegerRuns.read(cursor, type.byteSize(), true, target, count, elements);
            default -> IntegerRuns.read(cursor, type.byteSize(), false, target, count, elements);
        };
    }

    private static long reals(
            JsonCursor cursor, DataType type, MemorySegment target, long count, long elements) {
        MemorySegment json = cursor.json();
        long last = json.byteSize() - MARGIN;
        long position = cursor.position();
        long n = count;
        while (n < elements && position < last) {
            long p = position;
            int b = json.get(ValueLayout.JAVA_BYTE, p);
            if (b == ' ') {
                b = json.get(ValueLayout.JAVA_BYTE, ++p);
            }
            boolean negative = b == '-';
            if (negative) {
                b = json.get(ValueLayout.JAVA_BYTE, ++p);
            }
            long first = p;
            long mantissa = 0;
            int digit = b - '0';
            while (digit >= 0 && digit <= 9 && p - first < MAX_REAL_DIGITS) {
                mantissa = mantissa * 10 + digit;
                digit = json.get(ValueLayout.JAVA_BYTE, ++p) - '0';
            }
            int digits = (int) (p - first);
            if (digits == 0 || (b == '0' && digits > 1)) {
                break;
            }
            digits = b == '0' ? 0 : digits;
            int exponent = 0;
            if (digit == '.' - '0') {
                long fraction = ++p;
                long chunk = json.get(LittleEndian.LONG, p);
                if (digits <= MAX_REAL_DIGITS - Long.BYTES && JsonBytes.areDigits(chunk)) {
                    mantissa = mantissa * 100_000_000 + JsonBytes.digits(chunk);
                    p += Long.BYTES;
                    chunk = json.get(LittleEndian.LONG, p);
                    if (digits <= MAX_REAL_DIGITS - 2 * Long.BYTES && JsonBytes.areDigits(chunk)) {
                        mantissa = mantissa * 100_000_000 + JsonBytes.digits(chunk);
                        p += Long.BYTES;
                    }
                }
                digit = json.get(ValueLayout.JAVA_BYTE, p) - '0';
                while (digit >= 0 && digit <= 9 && digits + (p - fraction) < MAX_REAL_DIGITS) {
                    mantissa = mantissa * 10 + digit;
                    digit = json.get(ValueLayout.JAVA_BYTE, ++p) - '0';
                }
                exponent = (int) (fraction - p);
                if (exponent == 0) {
                    break;
                }
            }
            if (digit == 'e' - '0' || digit == 'E' - '0') {
                digit = json.get(ValueLayout.JAVA_BYTE, ++p) - '0';
                boolean minus = digit == '-' - '0';
                if (minus || digit == '+' - '0') {
                    digit = json.get(ValueLayout.JAVA_BYTE, ++p) - '0';
                }
                long from = p;
                int written = 0;
                while (digit >= 0 && digit <= 9 && p - from < MAX_EXPONENT_DIGITS) {
                    written = written * 10 + digit;
                    digit = json.get(ValueLayout.JAVA_BYTE, ++p) - '0';
                }
                if (p == from) {
                    break;
                }
                exponent += minus ? -written : written;
            }
            double value = DecimalToDouble.convert(mantissa, exponent);
            if (digit != ',' - '0' || !(value <= Double.MAX_VALUE)) {
                break;
            }
            NumberArray.putReal(target, type, n++, negative ? -value : value);
            position = p + 1;
        }
        cursor.seek(position);
        return n;
    }
}
