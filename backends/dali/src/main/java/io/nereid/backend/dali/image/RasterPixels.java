package io.nereid.backend.dali.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;

/**
 * Takes pixels out of rasters as they are stored. {@code getRGB} is of no use here: it applies a
 * gamma to gray pictures and rounds 16-bit ones (DALI section 15).
 */
final class RasterPixels {
    private RasterPixels() {}

    /**
     * Pixels with 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 channels (RGBA).
     *
     * @param gray whether a palette holds nothing but shades of gray by the format's rules
     */
    static Pixels of(BufferedImage image, boolean gray) {
        ColorModel colors = image.getColorModel();
        return switch (colors) {
            case IndexColorModel palette -> ofPalette(image, palette, gray);
            case DirectColorModel direct -> ofPacked(image, direct);
            case ComponentColorModel _ -> ofComponents(image, colors);
            default -> throw ImageFormat.unsupported();
        };
    }

    private static Pixels ofPalette(BufferedImage image, IndexColorModel palette, boolean gray) {
        int width = image.getWidth();
        int height = image.getHeight();
        int channels = gray ? 1 : 3;
        int[] colors = new int[Math.max(256, palette.getMapSize())];
        palette.getRGBs(colors);
        byte[] out = new byte[Math.multiplyExact(width * height, channels)];
        WritableRaster raster = image.getRaster();
        int[] row = new int[width];
        int o = 0;
        for (int y = 0; y < height; y++) {
            raster.getSamples(0, y, width, 1, 0, row);
            for (int index : row) {
                int color = colors[index];
                out[o++] = (byte) (color >> 16);
                if (!gray) {
                    out[o++] = (byte) (color >> 8);
                    out[o++] = (byte) color;
                }
            }
        }
        return Pixels.of8Bit(height, width, channels, out);
    }

    private static Pixels ofPacked(BufferedImage image, DirectColorModel colors) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] out = new byte[Math.multiplyExact(width * height, 3)];
        int[] row = new int[width];
        int[] pixel = new int[1];
        int bands = image.getRaster().getNumBands();
        int[] samples = new int[Math.multiplyExact(width, bands)];
        int[] max = new int[3];
        for (int c = 0; c < 3; c++) {
            max[c] = Math.max(1, (1 << colors.getComponentSize(c)) - 1);
        }
        int o = 0;
        for (int y = 0; y < height; y++) {
            image.getRaster().getPixels(0, y, width, 1, samples);
            for (int x = 0; x < row.length; x++) {
                for (int c = 0; c < 3; c++) {
                    pixel[0] = samples[x * bands + c];
                    out[o++] = (byte) ((pixel[0] * 255 + max[c] / 2) / max[c]);
                }
            }
        }
        return Pixels.of8Bit(height, width, 3, out);
    }

    private static Pixels ofComponents(BufferedImage image, ColorModel colors) {
        WritableRaster raster = image.getRaster();
        int bands = raster.getNumBands();
        int depth = colors.getComponentSize(0);
        int type = raster.getTransferType();
        boolean bytes = type == DataBuffer.TYPE_BYTE && depth <= 8;
        if (!bytes && !(type == DataBuffer.TYPE_USHORT && depth == 16)) {
            throw ImageFormat.unsupported();
        }
        if (bands > 5) {
            throw ImageFormat.unsupported();
        }
        boolean cmyk = colors.getColorSpace().getType() == ColorSpace.TYPE_CMYK;
        int channels = cmyk ? 3 : Math.min(bands, 4);
        int width = raster.getWidth();
        int height = raster.getHeight();
        int n = Math.multiplyExact(width * height, channels);
        byte[] low = new byte[bytes ? n : 0];
        short[] words = new short[bytes ? 0 : n];
        int[] row = new int[Math.multiplyExact(width, bands)];
        int o = 0;
        int max = bytes ? 255 : 65535;
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < row.length; x += bands) {
                for (int c = 0; c < channels; c++) {
                    int value = row[x + c];
                    if (cmyk) {
                        value = (int) ((long) (max - value) * (max - row[x + 3]) / max);
                    }
                    if (bytes) {
                        low[o++] = (byte) value;
                    } else {
                        words[o++] = (short) value;
                    }
                }
            }
        }
        return bytes
                ? Pixels.of8Bit(height, width, channels, low)
                : Pixels.of16Bit(height, width, channels, words);
    }
}
