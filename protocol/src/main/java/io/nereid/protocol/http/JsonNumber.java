package io.nereid.protocol.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The number that stands at some place of a JSON text. Reused from number to number. Beside what
 * RFC 8259 calls a number it reads {@code NaN}, {@code Inf} and {@code Infinity} (HTTP protocol
 * section 21).
 */
final class JsonNumber {
    /** More digits cannot change the rounding if the rest is known to be 0 or not (767 suffice). */
    private static final int MAX_EXACT_DIGITS = 800;

    private static final int MAX_SIGNIFICANT = 20;

    /** Numbers below ten to this power are doubles for sure. */
    private static final int MAX_SAFE_MAGNITUDE = 308;

    private static final long MAX_EXPONENT = 1_000_000_000_000L;
    private static final long MAX_TENTH = Long.divideUnsigned(-1, 10);

    private final MemorySegment json;
    private final long length;

    private long start;
    private long position;
    private boolean negative;
    private boolean integer;
    private boolean special;
    private boolean cut;
    private long mantissa;
    private int significant;
    private long exponent;
    private double specialValue;

    JsonNumber(MemorySegment json) {
        this.json = json;
        this.length = json.byteSize();
    }

    /**
     * Reads the number that begins at {@code at}.
     *
     * @return the place after it
     */
    long scan(long at) {
        start = at;
        position = at;
        mantissa = 0;
        significant = 0;
        exponent = 0;
        integer = true;
        special = false;
        cut = false;
        negative = current() == '-';
        if (negative) {
            position++;
        }
        if (!isDigit(current())) {
            scanSpecial();
            return position;
        }
        if (current() == '0') {
            position++;
        } else {
            digits();
        }
        scanFraction();
        scanExponent();
        if (significant + exponent > MAX_SAFE_MAGNITUDE && Double.isInfinite(doubleValue())) {
            throw JsonCursor.malformed("Number too big to be stored in double.", start);
        }
        return position;
    }

    /** Whether it is an integer literal from 0 to 2^64-1. */
    boolean isUnsigned() {
        return integer && exponent == 0 && (!negative || mantissa == 0);
    }

    /** Whether it is an integer literal from -2^63 to 2^63-1. */
    boolean isSigned() {
        return integer && exponent == 0 && (mantissa >= 0 || (negative && mantissa << 1 == 0));
    }

    /** The bits of an integer literal. */
    long longValue() {
        return negative ? -mantissa : mantissa;
    }

    /** The nearest double, ties to even. */
    double doubleValue() {
        if (special) {
            return specialValue;
        }
        double value = DecimalToDouble.convert(mantissa, exponent);
        if (cut && (mantissa == -1 || value != DecimalToDouble.convert(mantissa + 1, exponent))) {
            value = DecimalToDouble.UNDECIDED;
        }
        if (Double.isNaN(value)) {
            value = exactValue();
        }
        return negative ? -value : value;
    }

    private void scanSpecial() {
        special = true;
        integer = false;
        if (accept("NaN")) {
            specialValue = Double.NaN;
        } else if (accept("Inf")) {
            accept("inity");
            specialValue = negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        } else {
            throw JsonCursor.malformed("Invalid value.", start);
        }
    }

    private boolean accept(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (at(position + i) != word.charAt(i)) {
                return false;
            }
        }
        position += word.length();
        return true;
    }

    private void scanFraction() {
        if (current() != '.') {
            return;
        }
        integer = false;
        position++;
        if (!isDigit(current())) {
            throw JsonCursor.malformed("Miss fraction part in number.", position);
        }
        long count = digits();
        exponent -= count;
    }

    /** Reads a run of digits; what the mantissa cannot take is counted in the exponent. */
    private long digits() {
        long first = position;
        for (int b = current(); isDigit(b); b = current()) {
            append(b - '0');
            position++;
        }
        return position - first;
    }

    private void append(int digit) {
        if (fits(digit)) {
            mantissa = mantissa * 10 + digit;
            significant += significant > 0 || digit > 0 ? 1 : 0;
        } else {
            significant = MAX_SIGNIFICANT;
            exponent++;
            cut |= digit > 0;
        }
    }

    private boolean fits(int digit) {
        if (significant < MAX_SIGNIFICANT - 1) {
            return true;
        }
        int comparison = Long.compareUnsigned(mantissa, MAX_TENTH);
        return significant < MAX_SIGNIFICANT && (comparison < 0 || (comparison == 0 && digit <= 5));
    }

    private void scanExponent() {
        if (current() != 'e' && current() != 'E') {
            return;
        }
        integer = false;
        position++;
        boolean minus = current() == '-';
        if (minus || current() == '+') {
            position++;
        }
        if (!isDigit(current())) {
            throw JsonCursor.malformed("Miss exponent in number.", position);
        }
        long written = 0;
        for (int b = current(); isDigit(b); b = current()) {
            written = Math.min(MAX_EXPONENT, written * 10 + b - '0');
            position++;
        }
        exponent += minus ? -written : written;
    }

    /** The slow way for numbers whose leading digits do not decide the rounding. */
    private double exactValue() {
        StringBuilder text = new StringBuilder(MAX_EXACT_DIGITS + 32);
        long power = exponent + Long.toUnsignedString(mantissa).length();
        boolean rest = false;
        for (long p = start; p < position && at(p) != 'e' && at(p) != 'E'; p++) {
            int b = at(p);
            if (!isDigit(b) || (text.isEmpty() && b == '0')) {
                continue;
            }
            if (text.length() < MAX_EXACT_DIGITS) {
                text.append((char) b);
            } else {
                rest |= b != '0';
            }
        }
        if (rest) {
            text.append('1');
        }
        return Double.parseDouble("0." + text + "e" + power);
    }

    private int current() {
        return at(position);
    }

    private int at(long p) {
        return p < length ? json.get(ValueLayout.JAVA_BYTE, p) : 0;
    }

    private static boolean isDigit(int b) {
        return b >= '0' && b <= '9';
    }
}
