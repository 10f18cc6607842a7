package io.nereid.backend.dali.image;

/**
 * What the header of an encoded picture says.
 *
 * @param height rows as stored
 * @param width columns as stored
 * @param channels channels as stored in DALI's count (section 6.3)
 * @param orientation EXIF orientation, 1 if there is none
 */
public record ImageInfo(int height, int width, int channels, int orientation) {
    /** Whether showing the picture upright exchanges rows and columns. */
    public boolean isLying() {
        return orientation >= 5 && orientation <= 8;
    }
}
