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

    private static final double MAX_EXACT_INTEGER = 1e15;
    private static final int MAX_PLAIN_DIGITS = 21;
    private static final int MAX_LEADING_ZEROS = 6;

    /** No two decimals with so many digits round to the same double. */
    private static final double MAX_SURE = 1e15;

    /** Digits that are written at once. */
    private static final int MAX_AT_ONCE = 16;

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
        if (value >= 0 && value < SmallTexts.COUNT) {
            int text = SmallTexts.of((int) value);
            target.set(LittleEndian.INT, position, text);
            position += SmallTexts.length(text);
            return;
        }
        putDigits(value);
        putByte(',');
    }

    /** Writes bytes as unsigned integers, a comma behind each; room must be reserved. */
    void putUnsignedBytes(MemorySegment bytes, long from, long to) {
        MemorySegment out = target;
        long p = position;
        for (long i = from; i < to; i++) {
            int text = SmallTexts.of(bytes.get(ValueLayout.JAVA_BYTE, i) & 0xff);
            out.set(LittleEndian.INT, p, text);
            p += SmallTexts.length(text);
        }
        position = p;
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
        long thousandths = (long) (magnitude * 1000 + 0.5);
        if (thousandths < MAX_SURE && thousandths / 1000.0 == magnitude) {
            decimal.set(thousandths, -3);
        } else {
            decimal.convert(magnitude);
        }
        putDecimal(decimal.digits(), decimal.exponent());
        putByte(',');
    }

    private void putDecimal(long digits, int exponent) {
        int length = DecimalDigits.count(digits);
        int point = length + exponent;
        if (point > MAX_PLAIN_DIGITS || point <= -MAX_LEADING_ZEROS) {
            putScientific(digits, length, point - 1);
        } else if (point <= 0) {
            putUnsigned(0);
            putPoint();
            putZeros(-point);
            putFraction(digits, length);
        } else if (point >= length) {
            putDigits(digits);
            putZeros(point - length);
            raw(".0");
        } else {
            int behind = length - point;
            long whole = digits / DecimalDigits.powerOfTen(behind);
            putUnsigned(whole);
            putPoint();
            putFraction(digits - whole * DecimalDigits.powerOfTen(behind), behind);
        }
    }

    private void putScientific(long digits, int length, int exponent) {
        int behind = length - 1;
        long first = digits / DecimalDigits.powerOfTen(behind);
        putUnsigned(first);
        if (behind > 0) {
            putPoint();
            putFraction(digits - first * DecimalDigits.powerOfTen(behind), behind);
        } else {
            position--;
        }
        putByte('e');
        if (exponent < 0) {
            putByte('-');
        }
        putDigits(Math.abs(exponent));
    }

    /** Makes a point of the comma just written. */
    private void putPoint() {
        target.set(ValueLayout.JAVA_BYTE, position - 1, (byte) '.');
    }

    /** Writes so many digits, the first of which may be 0; at most 17. */
    private void putFraction(long digits, int length) {
        long rest = digits;
        int left = length;
        if (left > MAX_AT_ONCE) {
            left--;
            long first = rest / DecimalDigits.powerOfTen(left);
            putByte((int) ('0' + first));
            rest -= first * DecimalDigits.powerOfTen(left);
        }
        long filled = rest * DecimalDigits.powerOfTen(MAX_AT_ONCE - left);
        long upper = filled / DecimalDigits.EIGHT;
        target.set(LittleEndian.LONG, position, DecimalDigits.text(upper));
        if (left > Long.BYTES) {
            long lower = filled - upper * DecimalDigits.EIGHT;
            target.set(LittleEndian.LONG, position + Long.BYTES, DecimalDigits.text(lower));
        }
        position += left;
    }

    private void putZeros(int count) {
        for (int i = 0; i < count; i++) {
            putByte('0');
        }
    }

    /** Writes an unsigned number that may be of any size; room for eight more must be reserved. */
    private void putDigits(long value) {
        if (value >= 0 && value < DecimalDigits.EIGHT) {
            int length = DecimalDigits.count(value);
            long text = DecimalDigits.text(value) >>> ((Long.BYTES - length) << 3);
            target.set(LittleEndian.LONG, position, text);
            position += length;
            return;
        }
        long upper = Long.divideUnsigned(value, DecimalDigits.EIGHT);
        putDigits(upper);
        long lower = value - upper * DecimalDigits.EIGHT;
        target.set(LittleEndian.LONG, position, DecimalDigits.text(lower));
        position += Long.BYTES;
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
