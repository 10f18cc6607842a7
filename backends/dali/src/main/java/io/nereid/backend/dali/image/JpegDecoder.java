package io.nereid.backend.dali.image;

import io.nereid.backend.dali.tensor.DaliException;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * JPEG files. The JDK's reader delivers the stored components after upsampling, bit for bit as
 * libjpeg-turbo does; what the components mean is worked out here, with libjpeg's fixed-point
 * arithmetic, because the JDK guesses differently, applies colour profiles and does not know CMYK.
 */
final class JpegDecoder {
    private static final int FRACTION = 16;
    private static final int HALF = 1 << (FRACTION - 1);
    private static final int[] RED_OF_CR = new int[256];
    private static final int[] BLUE_OF_CB = new int[256];
    private static final int[] GREEN_OF_CR = new int[256];
    private static final int[] GREEN_OF_CB = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            int centred = i - 128;
            RED_OF_CR[i] = (fixed(1.40200) * centred + HALF) >> FRACTION;
            BLUE_OF_CB[i] = (fixed(1.77200) * centred + HALF) >> FRACTION;
            GREEN_OF_CR[i] = -fixed(0.71414) * centred;
            GREEN_OF_CB[i] = -fixed(0.34414) * centred + HALF;
        }
    }

    private final JdkReader reader;

    JpegDecoder(JdkReader reader) {
        this.reader = reader;
    }

    /** Gray with one channel, everything else as RGB; with {@code gray} only the gray values. */
    Pixels decode(byte[] data, ImageLimits limits, boolean gray) {
        JpegHeader header = JpegHeader.read(data);
        header.check(limits);
        Raster raster = reader.readRaster(header.withoutProfile());
        int components = raster.getNumBands();
        if (components != header.components()
                || raster.getWidth() != header.width()
                || raster.getHeight() != header.height()) {
            throw ImageFormat.unsupported();
        }
        byte[] stored = interleaved(raster);
        int n = header.width() * header.height();
        return switch (components) {
            case 1 -> Pixels.of8Bit(header.height(), header.width(), 1, stored);
            case 3 -> threeComponents(header, stored, n, gray);
            case 4 -> fourComponents(header, stored, n, gray);
            default -> throw ImageFormat.unsupported();
        };
    }

    private static Pixels threeComponents(JpegHeader header, byte[] data, int n, boolean gray) {
        if (gray) {
            byte[] luma = new byte[n];
            boolean stored = header.isLumaChroma();
            for (int i = 0; i < n; i++) {
                luma[i] = stored ? data[3 * i] : Colors.lumaOfJpeg(data, 3 * i);
            }
            return Pixels.of8Bit(header.height(), header.width(), 1, luma);
        }
        if (header.isLumaChroma()) {
            toRgb(data, n, 3);
        }
        return Pixels.of8Bit(header.height(), header.width(), 3, data);
    }

    private static Pixels fourComponents(JpegHeader header, byte[] data, int n, boolean gray) {
        if (header.isLumaChroma()) {
            toRgb(data, n, 4);
            for (int i = 0; i < 4 * n; i++) {
                if (i % 4 != 3) {
                    data[i] = (byte) ~data[i];
                }
            }
        }
        int inverted = header.hasAdobeMarker() ? 0 : 255;
        byte[] rgb = new byte[3 * n];
        for (int i = 0; i < n; i++) {
            int key = inverted ^ (data[4 * i + 3] & 0xFF);
            for (int c = 0; c < 3; c++) {
                int colour = inverted ^ (data[4 * i + c] & 0xFF);
                rgb[3 * i + c] = (byte) (key * colour / 255);
            }
        }
        if (!gray) {
            return Pixels.of8Bit(header.height(), header.width(), 3, rgb);
        }
        byte[] luma = new byte[n];
        for (int i = 0; i < n; i++) {
            luma[i] = (byte) (int) Colors.luma(rgb, 3 * i);
        }
        return Pixels.of8Bit(header.height(), header.width(), 1, luma);
    }

    /** YCbCr to RGB in place, with libjpeg's tables. */
    private static void toRgb(byte[] data, int n, int step) {
        for (int i = 0, p = 0; i < n; i++, p += step) {
            int y = data[p] & 0xFF;
            int cb = data[p + 1] & 0xFF;
            int cr = data[p + 2] & 0xFF;
            data[p] = clamp(y + RED_OF_CR[cr]);
            data[p + 1] = clamp(y + ((GREEN_OF_CB[cb] + GREEN_OF_CR[cr]) >> FRACTION));
            data[p + 2] = clamp(y + BLUE_OF_CB[cb]);
        }
    }

    private static byte[] interleaved(Raster raster) {
        if (raster.getDataBuffer() instanceof DataBufferByte buffer
                && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
                && buffer.getNumBanks() == 1
                && buffer.getOffset() == 0
                && model.getPixelStride() == raster.getNumBands()
                && model.getScanlineStride() == raster.getNumBands() * raster.getWidth()
                && isInOrder(model.getBandOffsets())) {
            return buffer.getData();
        }
        throw new DaliException("The JPEG reader delivers an unknown layout: " + raster);
    }

    private static boolean isInOrder(int[] bandOffsets) {
        for (int i = 0; i < bandOffsets.length; i++) {
            if (bandOffsets[i] != i) {
                return false;
            }
        }
        return true;
    }

    private static int fixed(double factor) {
        return (int) (factor * (1 << FRACTION) + 0.5);
    }

    private static byte clamp(int value) {
        return (byte) Math.clamp(value, 0, 255);
    }
}
