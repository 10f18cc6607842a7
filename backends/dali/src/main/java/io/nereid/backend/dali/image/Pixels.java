package io.nereid.backend.dali.image;

/**
 * Decoded pixels, interleaved: 8 bits in {@code bytes} or, if {@code words} is not empty, 16 bits
 * there.
 */
final class Pixels {
    final int height;
    final int width;
    final int channels;
    final byte[] bytes;
    final short[] words;

    private Pixels(int height, int width, int channels, byte[] bytes, short[] words) {
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.bytes = bytes;
        this.words = words;
    }

    static Pixels of8Bit(int height, int width, int channels, byte[] bytes) {
        return new Pixels(height, width, channels, bytes, new short[0]);
    }

    static Pixels of16Bit(int height, int width, int channels, short[] words) {
        return new Pixels(height, width, channels, new byte[0], words);
    }

    boolean is16Bit() {
        return words.length > 0;
    }

    /** The high bytes of 16-bit pixels. */
    Pixels to8Bit() {
        if (!is16Bit()) {
            return this;
        }
        byte[] high = new byte[words.length];
        for (int i = 0; i < high.length; i++) {
            high[i] = (byte) ((words[i] & 0xFFFF) >> 8);
        }
        return of8Bit(height, width, channels, high);
    }
}
