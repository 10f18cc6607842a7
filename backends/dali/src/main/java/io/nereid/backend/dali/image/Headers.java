package io.nereid.backend.dali.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Headers of the formats that the JDK reads whole: size, depth and orientation. */
final class Headers {
    private static final int PNG_HEADER_END = 33;

    /** Header of a PNG file. */
    record Png(ImageInfo info, int bitDepth, int colorType) {
        boolean isGray() {
            return colorType == 0 || colorType == 4;
        }
    }

    private Headers() {}

    static Png png(byte[] data) {
        if (data.length < PNG_HEADER_END || !chunkName(data, 8).equals("IHDR")) {
            throw ImageFormat.unsupported();
        }
        ByteBuffer bytes = ByteBuffer.wrap(data);
        int colorType = data[25];
        int channels =
                switch (colorType) {
                    case 0, 4 -> 1;
                    case 2, 3 -> 3;
                    case 6 -> 4;
                    default -> throw ImageFormat.unsupported();
                };
        ImageInfo info =
                new ImageInfo(bytes.getInt(20), bytes.getInt(16), channels, orientation(data));
        return new Png(info, data[24], colorType);
    }

    static ImageInfo bmp(byte[] data) {
        ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        if (data.length < 26) {
            throw ImageFormat.unsupported();
        }
        if (bytes.getInt(14) == 12) {
            return new ImageInfo(bytes.getShort(20) & 0xFFFF, bytes.getShort(18) & 0xFFFF, 3, 1);
        }
        int height = bytes.getInt(22);
        return new ImageInfo(height < 0 ? -height : height, bytes.getInt(18), 3, 1);
    }

    static ImageInfo tiff(byte[] data) {
        TiffDirectory tags = TiffDirectory.read(data, 0, data.length);
        long height = tags.value(TiffDirectory.HEIGHT, 0);
        long width = tags.value(TiffDirectory.WIDTH, 0);
        if (height > Integer.MAX_VALUE || width > Integer.MAX_VALUE) {
            throw ImageFormat.unsupported();
        }
        long samples = tags.value(TiffDirectory.SAMPLES_PER_PIXEL, 1);
        boolean palette = tags.value(TiffDirectory.PHOTOMETRIC, 0) == 3;
        int channels = palette ? 3 : Math.clamp(samples == 2 ? 1 : samples, 1, 4);
        int orientation = (int) tags.value(TiffDirectory.ORIENTATION, 1);
        return new ImageInfo((int) height, (int) width, channels, orientation);
    }

    private static int orientation(byte[] png) {
        int position = 8;
        while (position + 12L <= png.length) {
            int length = ByteBuffer.wrap(png).getInt(position);
            if (length < 0 || position + 12L + length > png.length) {
                break;
            }
            if (chunkName(png, position).equals("eXIf")) {
                TiffDirectory exif = TiffDirectory.read(png, position + 8, length);
                return (int) exif.value(TiffDirectory.ORIENTATION, 1);
            }
            position += 12 + length;
        }
        return 1;
    }

    private static String chunkName(byte[] png, int position) {
        return new String(png, position + 4, 4, StandardCharsets.ISO_8859_1);
    }
}
