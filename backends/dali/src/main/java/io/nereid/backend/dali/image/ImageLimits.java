package io.nereid.backend.dali.image;

import io.nereid.backend.dali.tensor.DaliException;

/**
 * What a picture may cost, checked on its header before anything is decoded.
 *
 * @param maxBytes most bytes of a decoded picture
 * @param maxScans most scans of a progressive JPEG
 */
public record ImageLimits(long maxBytes, int maxScans) {
    /** 256 MiB, about 89 megapixels in RGB: room for any camera, none for a bomb. */
    public static final long DEFAULT_MAX_BYTES = 256L << 20;

    /** DALI's own default. */
    public static final int DEFAULT_MAX_SCANS = 256;

    private static final long MAX_SAMPLES = 1L << 29;

    /** The limits where nothing is configured. */
    public static final ImageLimits DEFAULT = new ImageLimits(DEFAULT_MAX_BYTES, DEFAULT_MAX_SCANS);

    void check(long height, long width, long channels, long bytesPerSample) {
        if (height < 1 || width < 1) {
            throw ImageFormat.unsupported();
        }
        // each factor is below 2^32, so two of them cannot overflow and the rest is checked
        long samples =
                Math.multiplyHigh(height, width * channels) != 0
                        ? Long.MAX_VALUE
                        : height * width * channels;
        if (samples < 0 || samples >= MAX_SAMPLES || samples * bytesPerSample > maxBytes) {
            throw new DaliException(
                    "Total image volume (height x width x channels x bytes_per_sample) exceeds the"
                            + " maximum configured value: "
                            + (samples < 0 || samples > Long.MAX_VALUE / bytesPerSample
                                    ? Long.MAX_VALUE
                                    : samples * bytesPerSample)
                            + " > DALI_MAX_IMAGE_SIZE ("
                            + maxBytes
                            + "). Use the environment variable DALI_MAX_IMAGE_SIZE to allow larger"
                            + " images.");
        }
    }
}
