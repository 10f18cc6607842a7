package io.nereid.backend.dali.image;

import io.nereid.backend.dali.tensor.DaliException;

/** What the channels of a picture mean, with the numbers that files write. */
public enum ColorModel {
    RGB(3),
    BGR(3),
    GRAY(1),
    YCBCR(3),
    /** As stored. */
    ANY(0);

    private final int channels;

    ColorModel(int channels) {
        this.channels = channels;
    }

    /**
     * The model with that number.
     *
     * @throws DaliException if there is none
     */
    public static ColorModel ofId(long id) {
        if (id < 0 || id >= values().length) {
            throw new DaliException("Unsupported image type: " + id);
        }
        return values()[(int) id];
    }

    /** Number of channels; 0 for {@link #ANY}. */
    public int channels() {
        return channels;
    }
}
