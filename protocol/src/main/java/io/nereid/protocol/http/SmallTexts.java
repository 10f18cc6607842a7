package io.nereid.protocol.http;

/** Texts of 0 to 999, each with a comma behind, as words whose lowest byte is the first one. */
final class SmallTexts {
    /** How many there are. */
    static final int COUNT = 1000;

    private static final int[] TEXTS = new int[COUNT];

    static {
        for (int i = 0; i < COUNT; i++) {
            String text = i + ",";
            for (int c = 0; c < text.length(); c++) {
                TEXTS[i] |= text.charAt(c) << (Byte.SIZE * c);
            }
        }
    }

    private SmallTexts() {}

    /** The text of a number, its comma and nothing behind. */
    static int of(int value) {
        return TEXTS[value];
    }

    /** Length of such a text, with its comma. */
    static int length(int text) {
        return Integer.BYTES - (Integer.numberOfLeadingZeros(text) >>> 3);
    }
}
