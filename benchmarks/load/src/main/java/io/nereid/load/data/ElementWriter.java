package io.nereid.load.data;

import io.nereid.protocol.DataType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** Writes elements of one type one after the other as a binary tensor has them. */
final class ElementWriter {
    /** Most of what whole numbers of more than 8 bits are when they are made up: valid indices. */
    private static final int LARGEST_MADE_UP = 127;

    private static final String LETTERS =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final int BFLOAT_SHIFT = 16;

    private final DataType type;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteBuffer element = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

    ElementWriter(DataType type) {
        this.type = type;
    }

    /** A number; whole ones keep their low bits, so that unsigned ones may come as negatives. */
    void number(long whole, double real) {
        element.clear();
        switch (type) {
            case BOOL -> element.put((byte) (whole == 0 ? 0 : 1));
            case UINT8, INT8 -> element.put((byte) whole);
            case UINT16, INT16 -> element.putShort((short) whole);
            case UINT32, INT32 -> element.putInt((int) whole);
            case UINT64, INT64 -> element.putLong(whole);
            case FP16 -> element.putShort(Float.floatToFloat16((float) real));
            case BF16 ->
                    element.putShort((short) (Float.floatToIntBits((float) real) >>> BFLOAT_SHIFT));
            case FP32 -> element.putFloat((float) real);
            case FP64 -> element.putDouble(real);
            case BYTES, INVALID ->
                    throw new IllegalStateException("a number for a tensor of " + type);
        }
        bytes.write(element.array(), 0, element.position());
    }

    /** A text, for BYTES. */
    void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        element.clear();
        element.putInt(utf8.length);
        bytes.write(element.array(), 0, Integer.BYTES);
        bytes.writeBytes(utf8);
    }

    /**
     * An element as random as it may be without being refused: whole numbers small enough to be
     * indices, real ones in [0, 1).
     */
    void random(RandomGenerator random, int stringLength) {
        switch (type) {
            case BYTES -> text(letters(random, stringLength));
            case BOOL -> number(random.nextInt(2), 0);
            case UINT8, INT8 -> number(random.nextInt(1 << Byte.SIZE), 0);
            case FP16, BF16, FP32, FP64 -> number(0, random.nextDouble());
            default -> number(random.nextInt(LARGEST_MADE_UP + 1), 0);
        }
    }

    /** All that was written. */
    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    private static String letters(RandomGenerator random, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }
}
