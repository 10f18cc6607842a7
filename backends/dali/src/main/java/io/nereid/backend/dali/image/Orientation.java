package io.nereid.backend.dali.image;

import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;

/** Turns pictures upright (DALI section 6.4). */
public final class Orientation {
    private Orientation() {}

    /**
     * The picture upright.
     *
     * @param image {@code [height, width, channels]}
     * @param orientation EXIF value; unknown ones change nothing
     */
    public static Sample apply(Sample image, int orientation) {
        boolean lying = orientation >= 5 && orientation <= 8;
        boolean fromRight =
                orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom =
                orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        if (!lying && !fromRight && !fromBottom) {
            return image;
        }
        int height = image.dim(0);
        int width = image.dim(1);
        int channels = image.dim(2);
        int down = width * channels;
        int start =
                (fromRight ? (width - 1) * channels : 0) + (fromBottom ? (height - 1) * down : 0);
        int right = fromRight ? -channels : channels;
        int step = fromBottom ? -down : down;
        int[] dims = lying ? new int[] {width, height, channels} : image.dims();
        int[] strides = lying ? new int[] {right, step, 1} : new int[] {step, right, 1};
        return Strided.gather(image, dims, start, strides, image.layout());
    }
}
