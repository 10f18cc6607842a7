package io.nereid.server.netty;

/**
 * A 32-bit number as C reads it: leading blanks and a sign are allowed, and whatever follows the
 * digits is ignored (HTTP protocol section 11.2).
 */
public sealed interface CNumber {
    /** The range, as error texts name it. */
    String RANGE = "[ -2147483648, 2147483647 ]";

    /** A number. */
    record Value(int value) implements CNumber {}

    /** There are no digits. */
    record NotANumber() implements CNumber {}

    /** There is a number, but it does not fit 32 bits. */
    record OutOfRange() implements CNumber {}

    /** Reads the number at the beginning of {@code text}. */
    static CNumber parse(String text) {
        int i = 0;
        while (i < text.length() && isBlank(text.charAt(i))) {
            i++;
        }
        boolean negative = i < text.length() && text.charAt(i) == '-';
        if (negative || (i < text.length() && text.charAt(i) == '+')) {
            i++;
        }
        int firstDigit = i;
        long value = 0;
        while (i < text.length() && isDigit(text.charAt(i))) {
            value = Math.min(10 * value + text.charAt(i) - '0', Integer.MAX_VALUE + 2L);
            i++;
        }
        if (i == firstDigit) {
            return new NotANumber();
        }
        long signed = negative ? -value : value;
        boolean fits = signed == (int) signed;
        return fits ? new Value((int) signed) : new OutOfRange();
    }

    private static boolean isBlank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
