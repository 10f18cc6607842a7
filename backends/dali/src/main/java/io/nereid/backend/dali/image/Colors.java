package io.nereid.backend.dali.image;

import io.nereid.backend.dali.tensor.DaliException;

/** Colour conversions of DALI sections 6 and 12.1 on interleaved 8-bit pixels. */
public final class Colors {
    private Colors() {}

    /**
     * Converts {@code n} pixels.
     *
     * @throws DaliException if {@code from} or {@code to} is {@link ColorModel#ANY}
     */
    public static byte[] convert(byte[] in, int n, ColorModel from, ColorModel to) {
        if (from == ColorModel.ANY || to == ColorModel.ANY) {
            throw new DaliException("Unsupported color space conversion");
        }
        if (from == to) {
            return in;
        }
        byte[] rgb = toRgb(in, n, from, to);
        return switch (to) {
            case RGB, ANY -> rgb;
            case BGR -> exchanged(rgb, n);
            case GRAY -> from == ColorModel.YCBCR ? grayOfYCbCr(in, n) : grayOfRgb(rgb, n);
            case YCBCR -> from == ColorModel.GRAY ? yCbCrOfGray(in, n) : yCbCrOfRgb(rgb, n);
        };
    }

    private static byte[] toRgb(byte[] in, int n, ColorModel from, ColorModel to) {
        return switch (from) {
            case RGB, ANY -> in;
            case BGR -> exchanged(in, n);
            case GRAY -> to == ColorModel.YCBCR ? in : replicated(in, n);
            case YCBCR -> to == ColorModel.GRAY ? in : rgbOfYCbCr(in, n);
        };
    }

    /** 0.299 R + 0.587 G + 0.114 B of the pixel at {@code p}, not rounded. */
    static float luma(byte[] rgb, int p) {
        return 0.299f * (rgb[p] & 0xFF)
                + 0.587f * (rgb[p + 1] & 0xFF)
                + 0.114f * (rgb[p + 2] & 0xFF);
    }

    /** The same with libjpeg's 16-bit fixed point. */
    static byte lumaOfJpeg(byte[] rgb, int p) {
        int sum =
                19595 * (rgb[p] & 0xFF) + 38470 * (rgb[p + 1] & 0xFF) + 7471 * (rgb[p + 2] & 0xFF);
        return (byte) ((sum + 32768) >> 16);
    }

    /** The same with 15-bit fixed point. */
    static int luma(int r, int g, int b) {
        return (9798 * r + 19235 * g + 3735 * b + 16384) >> 15;
    }

    static byte[] replicated(byte[] gray, int n) {
        byte[] out = new byte[3 * n];
        for (int i = 0, o = 0; i < n; i++) {
            out[o++] = gray[i];
            out[o++] = gray[i];
            out[o++] = gray[i];
        }
        return out;
    }

    private static byte[] exchanged(byte[] in, int n) {
        byte[] out = new byte[3 * n];
        for (int p = 0; p < 3 * n; p += 3) {
            out[p] = in[p + 2];
            out[p + 1] = in[p + 1];
            out[p + 2] = in[p];
        }
        return out;
    }

    private static byte[] grayOfRgb(byte[] rgb, int n) {
        byte[] out = new byte[n];
        for (int i = 0, p = 0; i < n; i++, p += 3) {
            out[i] = (byte) luma(rgb[p] & 0xFF, rgb[p + 1] & 0xFF, rgb[p + 2] & 0xFF);
        }
        return out;
    }

    private static byte[] yCbCrOfRgb(byte[] rgb, int n) {
        byte[] out = new byte[3 * n];
        for (int p = 0; p < 3 * n; p += 3) {
            float r = rgb[p] & 0xFF;
            float g = rgb[p + 1] & 0xFF;
            float b = rgb[p + 2] & 0xFF;
            out[p] =
                    round(
                            (float) 0.25678824 * r
                                    + (float) 0.50412941 * g
                                    + (float) 0.09790588 * b
                                    + 16f);
            out[p + 1] =
                    round(
                            -(float) 0.14822290 * r
                                    - (float) 0.29099279 * g
                                    + (float) 0.43921569 * b
                                    + 128f);
            out[p + 2] =
                    round(
                            (float) 0.43921569 * r
                                    - (float) 0.36778831 * g
                                    - (float) 0.07142737 * b
                                    + 128f);
        }
        return out;
    }

    private static byte[] rgbOfYCbCr(byte[] in, int n) {
        byte[] out = new byte[3 * n];
        for (int p = 0; p < 3 * n; p += 3) {
            float y = ((in[p] & 0xFF) - 16f) * (255f / 219f);
            float cb = (in[p + 1] & 0xFF) - 128f;
            float cr = (in[p + 2] & 0xFF) - 128f;
            out[p] = round(y + (float) 1.5960268 * cr);
            out[p + 1] = round(y - (float) 0.39176229 * cb - (float) 0.81296765 * cr);
            out[p + 2] = round(y + (float) 2.0172321 * cb);
        }
        return out;
    }

    private static byte[] yCbCrOfGray(byte[] gray, int n) {
        byte[] out = new byte[3 * n];
        for (int i = 0; i < n; i++) {
            out[3 * i] = round((gray[i] & 0xFF) * (219f / 255f) + 16f);
            out[3 * i + 1] = (byte) 128;
            out[3 * i + 2] = (byte) 128;
        }
        return out;
    }

    private static byte[] grayOfYCbCr(byte[] in, int n) {
        byte[] out = new byte[n];
        for (int i = 0; i < n; i++) {
            out[i] = round(((in[3 * i] & 0xFF) - 16f) * (255f / 219f));
        }
        return out;
    }

    private static byte round(float value) {
        return (byte) Math.clamp((int) (value + 0.5), 0, 255);
    }
}
