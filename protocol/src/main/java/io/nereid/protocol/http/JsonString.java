package io.nereid.protocol.http;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The string that stands at some place of a JSON text. Reused from string to string. Bytes that are
 * not UTF-8 are passed through.
 */
final class JsonString {
    private final MemorySegment json;
    private final long length;
    private long start;
    private long end;
    private long decoded;
    private boolean escaped;

    JsonString(MemorySegment json) {
        this.json = json;
        this.length = json.byteSize();
    }

    /**
     * Reads the string whose opening quote is at {@code at}.
     *
     * @return the place after the closing quote
     */
    long scan(long at) {
        start = at + 1;
        escaped = false;
        long p = start;
        long shorter = 0;
        while (true) {
            p = JsonBytes.plainRun(json, p, length);
            int b = byteAt(p);
            if (b == '"' && p < length) {
                break;
            }
            if (b != '\\') {
                throw JsonCursor.malformed(
                        p < length
                                ? "Invalid control character in string."
                                : "Missing a closing quotation mark in string.",
                        p < length ? p : start - 1);
            }
            escaped = true;
            long next = checkEscape(p);
            shorter += next - p - utf8Length(codePoint(p));
            p = next;
        }
        end = p;
        decoded = end - start - shorter;
        return end + 1;
    }

    /** Bytes of the string as UTF-8. */
    long byteSize() {
        return decoded;
    }

    /** Writes the string's bytes as UTF-8. */
    void copyTo(MemorySegment target, long offset) {
        if (!escaped) {
            MemorySegment.copy(json, start, target, offset, decoded);
            return;
        }
        long to = offset;
        for (long p = start; p < end; ) {
            long run = Math.min(JsonBytes.plainRun(json, p, end), end) - p;
            MemorySegment.copy(json, p, target, to, run);
            p += run;
            to += run;
            if (p < end) {
                int codePoint = codePoint(p);
                to = putUtf8(target, to, codePoint);
                p += escapeLength(p, codePoint);
            }
        }
    }

    /** The string in new memory of the heap. */
    String text() {
        if (decoded > Integer.MAX_VALUE - 8) {
            throw JsonCursor.malformed("String of " + decoded + " bytes is too long", start);
        }
        byte[] bytes = new byte[(int) decoded];
        copyTo(MemorySegment.ofArray(bytes), 0);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether the string is this one, which is ASCII. */
    boolean equalTo(String ascii) {
        if (decoded != ascii.length()) {
            return false;
        }
        if (escaped) {
            return text().equals(ascii);
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (byteAt(start + i) != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The place after the escape at {@code p}. */
    private long checkEscape(long p) {
        return switch (byteAt(p + 1)) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> p + 2;
            case 'u' -> checkUnicode(p);
            default -> throw JsonCursor.malformed("Invalid escape character in string.", p);
        };
    }

    private long checkUnicode(long p) {
        char unit = (char) checkedUnit(p);
        if (!Character.isSurrogate(unit)) {
            return p + 6;
        }
        boolean paired =
                Character.isHighSurrogate(unit) && byteAt(p + 6) == '\\' && byteAt(p + 7) == 'u';
        if (!paired || !Character.isLowSurrogate((char) checkedUnit(p + 6))) {
            throw JsonCursor.malformed("The surrogate pair in string is invalid.", p);
        }
        return p + 12;
    }

    private int checkedUnit(long p) {
        int unit = unit(p);
        if (unit < 0) {
            throw JsonCursor.malformed("Incorrect hex digit after \\u escape in string.", p);
        }
        return unit;
    }

    /** The four hexadecimal digits after {@code \}{@code u}, negative if they are not. */
    private int unit(long p) {
        int unit = 0;
        for (int i = 2; i < 6; i++) {
            int digit = Character.digit(byteAt(p + i), 16);
            if (digit < 0) {
                return -1;
            }
            unit = (unit << 4) | digit;
        }
        return unit;
    }

    /** What the valid escape at {@code p} stands for. */
    private int codePoint(long p) {
        int kind = byteAt(p + 1);
        return switch (kind) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                char unit = (char) unit(p);
                yield Character.isHighSurrogate(unit)
                        ? Character.toCodePoint(unit, (char) unit(p + 6))
                        : unit;
            }
            default -> kind;
        };
    }

    private long escapeLength(long p, int codePoint) {
        if (byteAt(p + 1) != 'u') {
            return 2;
        }
        return codePoint >= Character.MIN_SUPPLEMENTARY_CODE_POINT ? 12 : 6;
    }

    private static int utf8Length(int codePoint) {
        if (codePoint < 0x80) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < Character.MIN_SUPPLEMENTARY_CODE_POINT ? 3 : 4;
    }

    private static long putUtf8(MemorySegment target, long at, int codePoint) {
        int bytes = utf8Length(codePoint);
        if (bytes == 1) {
            target.set(ValueLayout.JAVA_BYTE, at, (byte) codePoint);
            return at + 1;
        }
        int rest = codePoint;
        for (int i = bytes - 1; i > 0; i--) {
            target.set(ValueLayout.JAVA_BYTE, at + i, (byte) (0x80 | (rest & 0x3f)));
            rest >>= 6;
        }
        target.set(ValueLayout.JAVA_BYTE, at, (byte) ((0xf00 >> bytes) | rest));
        return at + bytes;
    }

    private int byteAt(long offset) {
        return offset < length ? json.get(ValueLayout.JAVA_BYTE, offset) : 0;
    }
}
