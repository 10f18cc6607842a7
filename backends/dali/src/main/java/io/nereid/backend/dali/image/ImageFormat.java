package io.nereid.backend.dali.image;

import io.nereid.backend.dali.tensor.DaliException;
import java.nio.charset.StandardCharsets;

/** Format of an encoded picture, told by its first bytes. */
enum ImageFormat {
    JPEG,
    PNG,
    BMP,
    TIFF,
    PNM,
    WEBP,
    JPEG2000;

    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n'};
    private static final byte[] JP2_BOX = {0, 0, 0, 12, 'j', 'P', ' ', ' ', '\r', '\n', -121, '\n'};
    private static final byte[] JP2_STREAM = {-1, 0x4F, -1, 0x51};

    static ImageFormat of(byte[] data) {
        if (startsWith(data, (byte) 0xFF, (byte) 0xD8)) {
            return JPEG;
        }
        if (startsWith(data, PNG_SIGNATURE)) {
            return PNG;
        }
        if (startsWith(data, (byte) 'B', (byte) 'M')) {
            return BMP;
        }
        if (startsWith(data, "MM\0*") || startsWith(data, "II*\0")) {
            return TIFF;
        }
        if (data.length > 2 && data[0] == 'P' && data[1] >= '1' && data[1] <= '6') {
            return PNM;
        }
        if (data.length >= 12
                && startsWith(data, "RIFF")
                && new String(data, 8, 4, StandardCharsets.ISO_8859_1).equals("WEBP")) {
            return WEBP;
        }
        if (startsWith(data, JP2_BOX) || startsWith(data, JP2_STREAM)) {
            return JPEG2000;
        }
        if (startsWith(data, "GIF87a") || startsWith(data, "GIF89a")) {
            throw new DaliException("GIF images are not supported.");
        }
        throw new DaliException(
                "Unrecognized image format. Supported formats are: JPEG, PNG, BMP, TIFF, PNM,"
                        + " JPEG2000 and WebP.");
    }

    static DaliException unsupported() {
        return new DaliException("Unsupported image type.");
    }

    private static boolean startsWith(byte[] data, String prefix) {
        return startsWith(data, prefix.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean startsWith(byte[] data, byte... prefix) {
        if (data.length < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (data[i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
