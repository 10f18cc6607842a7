package io.nereid.protocol.http;

import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Writes JSON text into native memory that grows as needed (HTTP protocol section 13). Must be
 * closed. A list of numbers is written with a comma behind each; the last one is taken back by
 * {@link #endArray}.
 */
final class JsonWriter implements AutoCloseable {
    /** More than any number takes, with its sign and comma. */
    static final int MAX_NUMBER = 32;

    /** Not worth a copy. */
    private static final int SMALL_BLOCK = 512;

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    /** Texts of 0 to 999 with a comma behind, first character lowest. */
    private static final int[] SMALL = new int[1000];

    private static final double MAX_EXACT_INTEGER = 1e15;
    private static final int MAX_PLAIN_DIGITS = 21;
    private static final int MAX_LEADING_ZEROS = 6;

    static {
        for (int i = 0; i < SMALL.length; i++) {
            String text = i + ",";
            for (int c = 0; c < text.length(); c++) {
                SMALL[i] |= text.charAt(c) << (Byte.SIZE * c);
            }
        }
    }

    private final TensorAllocator allocator;
    private final ShortestDecimal decimal = new ShortestDecimal();
    private TensorBuffer block;
    private MemorySegment target;
    private long position;
    private boolean open = true;

    /**
     * @param expected bytes to make room for at once
     */
    JsonWriter(TensorAllocator allocator, long expected) {
        this.allocator = allocator;
        this.block = allocator.allocate(expected);
        this.target = block.segment();
    }

    /** Makes room for that many more bytes. */
    void reserve(long more) {
        if (target.byteSize() - position >= more) {
            return;
        }
        long size = Math.max(position + more, target.byteSize() + (target.byteSize() >> 1));
        TensorBuffer larger = allocator.allocate(size);
        MemorySegment.copy(target, 0, larger.segment(), 0, position);
        block.close();
        block = larger;
        target = larger.segment();
    }

    /** Writes ASCII as it is. */
    JsonWriter raw(String ascii) {
        reserve(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            putByte(ascii.charAt(i));
        }
        return this;
    }

    /** Writes a string in quotes. */
    JsonWriter string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return string(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /** Writes bytes as a string in quotes; they are not checked to be UTF-8. */
    JsonWriter string(MemorySegment bytes, long from, long byteSize) {
        long end = from + byteSize;
        reserve(byteSize + 2);
        putByte('"');
        for (long p = from; p < end; ) {
            long run = JsonBytes.plainRun(bytes, p, end) - p;
            reserve(run + 2 * Long.BYTES);
            MemorySegment.copy(bytes, p, target, position, run);
            position += run;
            p += run;
            if (p < end) {
                putEscape(bytes.get(ValueLayout.JAVA_BYTE, p++));
            }
        }
        reserve(1);
        putByte('"');
        return this;
    }

    /** Writes an integer. */
    JsonWriter integer(long value) {
        reserve(MAX_NUMBER);
        putInteger(value);
        position--;
        return this;
    }

    /** Writes an unsigned integer. */
    JsonWriter unsigned(long value) {
        reserve(MAX_NUMBER);
        putUnsigned(value);
        position--;
        return this;
    }

    /** Writes a floating-point number. */
    JsonWriter real(double value) {
        reserve(MAX_NUMBER);
        putReal(value);
        position--;
        return this;
    }

    /** Ends a list whose elements have a comma behind each. */
    void endArray() {
        dropComma();
        raw("]");
    }

    /** Takes the comma behind the last element back, if there is one. */
    void dropComma() {
        if (target.get(ValueLayout.JAVA_BYTE, position - 1) == ',') {
            position--;
        }
    }

    /** Writes a boolean and a comma; room must be reserved. */
    void putBool(boolean value) {
        String text = value ? "true," : "false,";
        for (int i = 0; i < text.length(); i++) {
            putByte(text.charAt(i));
        }
    }

    /** Writes an integer and a comma; room must be reserved. */
    void putInteger(long value) {
        if (value < 0) {
            putByte('-');
        }
        putUnsigned(Math.abs(value));
    }

    /** Writes an unsigned integer and a comma; room must be reserved. */
    void putUnsigned(long value) {
        if (value >= 0 && value < SMALL.length) {
            target.set(LittleEndian.INT, position, SMALL[(int) value]);
            position += value < 10 ? 2 : value < 100 ? 3 : 4;
            return;
        }
        putDigits(value);
        putByte(',');
    }

    /** Writes a floating-point number and a comma; room must be reserved. */
    void putReal(double value) {
        if (Double.isNaN(value)) {
            raw("NaN,");
            return;
        }
        double magnitude = Math.abs(value);
        if (Double.doubleToRawLongBits(value) < 0) {
            putByte('-');
        }
        if (magnitude < MAX_EXACT_INTEGER && magnitude == (long) magnitude) {
            putUnsigned((long) magnitude);
            position--;
            raw(".0,");
        } else if (Double.isInfinite(magnitude)) {
            raw("Infinity,");
        } else {
            putShortest(magnitude);
        }
    }

    /** The text, in a block of its own size. Ends this object's life. */
    @Owned
    TensorBuffer finish() {
        TensorBuffer text = block.slice(0, position);
        close();
        return text;
    }

    /**
     * As {@link #finish}, in a block that is not much larger than the text: for texts that may have
     * to wait for their reader.
     */
    @Owned
    TensorBuffer finishCompact() {
        if (target.byteSize() <= 2 * position + SMALL_BLOCK) {
            return finish();
        }
        TensorBuffer text = allocator.allocate(position);
        MemorySegment.copy(target, 0, text.segment(), 0, position);
        close();
        return text;
    }

    /** Gives the memory back, unless the text was taken. */
    @Override
    public void close() {
        if (open) {
            open = false;
            block.close();
        }
    }

    private void putShortest(double magnitude) {
        decimal.convert(magnitude);
        long digits = decimal.digits();
        int length = digitCount(digits);
        int point = length + decimal.exponent();
        if (point > MAX_PLAIN_DIGITS || point <= -MAX_LEADING_ZEROS) {
            putScientific(digits, length, point - 1);
        } else if (point <= 0) {
            raw("0.");
            putZeros(-point);
            putDigits(digits);
        } else if (point >= length) {
            putDigits(digits);
            putZeros(point - length);
            raw(".0");
        } else {
            putDigits(digits);
            insertPoint(length - point);
        }
        putByte(',');
    }

    private void putScientific(long digits, int length, int exponent) {
        putDigits(digits);
        if (length > 1) {
            insertPoint(length - 1);
        }
        putByte('e');
        if (exponent < 0) {
            putByte('-');
        }
        putDigits(Math.abs(exponent));
    }

    /** Moves the last {@code behind} digits up to make room for a point. */
    private void insertPoint(int behind) {
        for (long p = position; p > position - behind; p--) {
            target.set(ValueLayout.JAVA_BYTE, p, target.get(ValueLayout.JAVA_BYTE, p - 1));
        }
        target.set(ValueLayout.JAVA_BYTE, position - behind, (byte) '.');
        position++;
    }

    private void putZeros(int count) {
        for (int i = 0; i < count; i++) {
            putByte('0');
        }
    }

    /** Writes an unsigned number that may be of any size. */
    private void putDigits(long value) {
        long rest = value;
        if (rest < 0) {
            long upper = Long.divideUnsigned(rest, 10);
            putDigits(upper);
            putByte((int) ('0' + rest - upper * 10));
            return;
        }
        int length = digitCount(rest);
        for (long p = position + length - 1; p >= position; p--) {
            long tenth = rest / 10;
            target.set(ValueLayout.JAVA_BYTE, p, (byte) ('0' + rest - tenth * 10));
            rest = tenth;
        }
        position += length;
    }

    private static int digitCount(long value) {
        int count = 1;
        for (long limit = 10; count < 19 && value >= limit; limit *= 10) {
            count++;
        }
        return count;
    }

    private void putEscape(byte b) {
        putByte('\\');
        switch (b) {
            case '"', '\\' -> putByte(b);
            case '\b' -> putByte('b');
            case '\f' -> putByte('f');
            case '\n' -> putByte('n');
            case '\r' -> putByte('r');
            case '\t' -> putByte('t');
            default -> {
                raw("u00");
                putByte(HEX[b >> 4]);
                putByte(HEX[b & 0xf]);
            }
        }
    }

    private void putByte(int b) {
        target.set(ValueLayout.JAVA_BYTE, position++, (byte) b);
    }
}
