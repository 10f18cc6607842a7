package io.nereid.backend.dali.image;

import io.nereid.backend.dali.tensor.DaliException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What stands in front of the compressed data of a JPEG file. */
final class JpegHeader {
    private static final int SOS = 0xDA;
    private static final int EOI = 0xD9;
    private static final int APP1 = 0xE1;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;
    private static final int NO_ADOBE = -1;

    private final byte[] data;
    private final ByteArrayOutputStream withoutProfile = new ByteArrayOutputStream();
    private int height;
    private int width;
    private int precision;
    private boolean progressive;
    private byte[] componentIds = new byte[0];
    private boolean jfif;
    private int adobeTransform = NO_ADOBE;
    private int orientation = 1;
    private int scanStart;
    private int keptUpTo;

    private JpegHeader(byte[] data) {
        this.data = data;
    }

    /**
     * Reads up to the first scan.
     *
     * @throws DaliException if there is no frame header
     */
    static JpegHeader read(byte[] data) {
        JpegHeader header = new JpegHeader(data);
        header.readSegments();
        if (header.componentIds.length == 0) {
            throw ImageFormat.unsupported();
        }
        return header;
    }

    int height() {
        return height;
    }

    int width() {
        return width;
    }

    int components() {
        return componentIds.length;
    }

    boolean hasAdobeMarker() {
        return adobeTransform != NO_ADOBE;
    }

    /** EXIF orientation, 1 if there is none. */
    int orientation() {
        return orientation;
    }

    ImageInfo info() {
        int channels = componentIds.length == 1 ? 1 : 3;
        return new ImageInfo(height, width, channels, orientation);
    }

    /** Whether the first three components are luma and chroma, by the rules of libjpeg. */
    boolean isLumaChroma() {
        if (componentIds.length == 4) {
            return hasAdobeMarker() && adobeTransform != 0;
        }
        if (componentIds.length != 3) {
            return false;
        }
        if (jfif) {
            return true;
        }
        if (hasAdobeMarker()) {
            return adobeTransform != 0;
        }
        return !(componentIds[0] == 'R' && componentIds[1] == 'G' && componentIds[2] == 'B');
    }

    /** The file without embedded colour profiles, which the JDK would apply or choke on. */
    byte[] withoutProfile() {
        if (keptUpTo == 0) {
            return data;
        }
        byte[] rest = new byte[data.length - keptUpTo];
        System.arraycopy(data, keptUpTo, rest, 0, rest.length);
        byte[] head = withoutProfile.toByteArray();
        byte[] whole = new byte[head.length + rest.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(rest, 0, whole, head.length, rest.length);
        return whole;
    }

    /**
     * Refuses files that DALI's decoder would refuse.
     *
     * @throws DaliException with its text
     */
    void check(ImageLimits limits) {
        if (precision != 8 || componentIds.length == 2 || componentIds.length > 4) {
            throw ImageFormat.unsupported();
        }
        limits.check(height, width, componentIds.length, 1);
        int scans = progressive ? countScans() : 1;
        if (scans > limits.maxScans()) {
            throw new DaliException(
                    "The number of scans ("
                            + scans
                            + ") during progressive decoding of the image exceeded the currently"
                            + " supported value of "
                            + limits.maxScans()
                            + ". Use the environment variable DALI_MAX_JPEG_SCANS to allow more.");
        }
    }

    private void readSegments() {
        int position = 2;
        while (position + 4 <= data.length) {
            if ((data[position] & 0xFF) != 0xFF) {
                position++;
                continue;
            }
            int marker = data[position + 1] & 0xFF;
            if (marker == SOS || marker == EOI) {
                scanStart = position;
                return;
            }
            if (marker == 0xFF || marker == 0 || (marker >= 0xD0 && marker <= 0xD8)) {
                position += marker == 0xFF ? 1 : 2;
                continue;
            }
            int length = word(position + 2);
            if (length < 2 || position + 2 + length > data.length) {
                return;
            }
            readSegment(marker, position, length);
            position += 2 + length;
        }
    }

    private void readSegment(int marker, int position, int length) {
        int body = position + 4;
        int bodyLength = length - 2;
        if (isFrame(marker)) {
            readFrame(marker, body, bodyLength);
        } else if (marker == 0xE0 && startsWith(body, bodyLength, "JFIF\0")) {
            jfif = true;
        } else if (marker == APP1 && startsWith(body, bodyLength, "Exif\0")) {
            TiffDirectory exif = TiffDirectory.read(data, body + 6, bodyLength - 6);
            orientation = (int) exif.value(TiffDirectory.ORIENTATION, orientation);
        } else if (marker == APP14 && bodyLength >= 12 && startsWith(body, bodyLength, "Adobe")) {
            adobeTransform = data[body + 11] & 0xFF;
        } else if (marker == APP2 && startsWith(body, bodyLength, "ICC_PROFILE\0")) {
            withoutProfile.write(data, keptUpTo, position - keptUpTo);
            keptUpTo = position + 2 + length;
        }
    }

    private void readFrame(int marker, int body, int bodyLength) {
        if (bodyLength < 6 || componentIds.length > 0) {
            return;
        }
        int count = data[body + 5] & 0xFF;
        if (count == 0 || bodyLength < 6 + 3 * count) {
            return;
        }
        precision = data[body] & 0xFF;
        height = word(body + 1);
        width = word(body + 3);
        progressive = marker == 0xC2;
        componentIds = new byte[count];
        for (int i = 0; i < count; i++) {
            componentIds[i] = data[body + 6 + 3 * i];
        }
    }

    private int countScans() {
        int scans = 0;
        for (int i = scanStart; i + 1 < data.length; i++) {
            if (data[i] == (byte) 0xFF && data[i + 1] == (byte) SOS) {
                scans++;
            }
        }
        return scans;
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xC0
                && marker <= 0xCF
                && marker != 0xC4
                && marker != 0xC8
                && marker != 0xCC;
    }

    private boolean startsWith(int body, int bodyLength, String prefix) {
        byte[] expected = prefix.getBytes(StandardCharsets.ISO_8859_1);
        if (bodyLength < expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (data[body + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    private int word(int position) {
        return (data[position] & 0xFF) << 8 | (data[position + 1] & 0xFF);
    }
}
