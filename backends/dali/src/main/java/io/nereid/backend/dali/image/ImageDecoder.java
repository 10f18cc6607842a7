package io.nereid.backend.dali.image;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongSupplier;

/**
 * Decodes pictures into samples {@code [height, width, channels]} (DALI section 6). Bytes after the
 * end of a picture are ignored. May be used from any thread.
 */
public final class ImageDecoder {
    private final ImageLimits limits;
    private final JpegDecoder jpeg;
    private final JdkReader png;
    private final JdkReader bmp;
    private final JdkReader tiff;

    /**
     * @param limits what a picture may cost
     * @param nanoTime clock for the rate of warnings
     */
    public ImageDecoder(ImageLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.jpeg = new JpegDecoder(JdkReader.of("jpeg", nanoTime));
        this.png = JdkReader.of("png", nanoTime);
        this.bmp = JdkReader.of("bmp", nanoTime);
        this.tiff = JdkReader.of("tiff", nanoTime);
    }

    /**
     * Reads the header only.
     *
     * @throws DaliException if the format is not known or the header is broken
     */
    public ImageInfo peek(byte[] data) {
        return switch (ImageFormat.of(data)) {
            case JPEG -> JpegHeader.read(data).info();
            case PNG -> Headers.png(data).info();
            case BMP -> Headers.bmp(data);
            case TIFF -> Headers.tiff(data);
            case PNM -> new PnmDecoder(data).info();
            case WEBP, JPEG2000 -> throw ImageFormat.unsupported();
        };
    }

    /**
     * Decodes a picture as it is stored, whatever its orientation.
     *
     * @param keep16Bits whether 16-bit files give UINT16 samples; else their high bytes
     * @return UINT8 or UINT16, layout {@code HWC}
     * @throws DaliException with the texts of section 6
     */
    public Sample decode(byte[] data, ColorModel colors, boolean keep16Bits) {
        Pixels pixels = pixels(data, colors);
        if (pixels.is16Bit() && keep16Bits) {
            return wordSample(pixels, colors);
        }
        return byteSample(pixels.to8Bit(), colors);
    }

    private Pixels pixels(byte[] data, ColorModel colors) {
        return switch (ImageFormat.of(data)) {
            case JPEG -> jpeg.decode(data, limits, colors == ColorModel.GRAY);
            case PNG -> {
                Headers.Png header = Headers.png(data);
                check(header.info(), header.bitDepth() == 16 ? 2 : 1);
                yield RasterPixels.of(png.readImage(data), header.isGray());
            }
            case BMP -> {
                check(Headers.bmp(data), 1);
                yield RasterPixels.of(bmp.readImage(data), false);
            }
            case TIFF -> {
                ImageInfo info = Headers.tiff(data);
                check(info, 2);
                yield RasterPixels.of(tiff.readImage(data), info.channels() == 1);
            }
            case PNM -> {
                PnmDecoder pnm = new PnmDecoder(data);
                check(pnm.info(), 1);
                yield pnm.decode();
            }
            case WEBP, JPEG2000 -> throw ImageFormat.unsupported();
        };
    }

    private void check(ImageInfo info, int bytesPerSample) {
        limits.check(info.height(), info.width(), info.channels(), bytesPerSample);
    }

    private static Sample byteSample(Pixels pixels, ColorModel colors) {
        int n = pixels.height * pixels.width;
        byte[] data = pixels.bytes;
        return switch (pixels.channels) {
            case 1 -> sample(pixels, Colors.convert(data, n, ColorModel.GRAY, ofGray(colors)));
            case 2 -> {
                byte[] gray = taken(data, n, 2, 1);
                yield sample(pixels, Colors.convert(gray, n, ColorModel.GRAY, ofGray(colors)));
            }
            case 3 -> sample(pixels, Colors.convert(data, n, ColorModel.RGB, ofColor(colors)));
            case 4 -> {
                if (colors == ColorModel.ANY) {
                    yield sample(pixels, data);
                }
                byte[] rgb = taken(data, n, 4, 3);
                yield sample(pixels, Colors.convert(rgb, n, ColorModel.RGB, colors));
            }
            default -> throw ImageFormat.unsupported();
        };
    }

    private static Sample sample(Pixels pixels, byte[] data) {
        int channels = data.length / Math.max(1, pixels.height * pixels.width);
        return Sample.wrap(ElementType.UINT8, "HWC", data, pixels.height, pixels.width, channels);
    }

    private static ColorModel ofGray(ColorModel colors) {
        // studio range applies to colour pictures; a gray one becomes RGB first, as the reference
        return colors == ColorModel.ANY ? ColorModel.GRAY : colors;
    }

    private static ColorModel ofColor(ColorModel colors) {
        return colors == ColorModel.ANY ? ColorModel.RGB : colors;
    }

    private static byte[] taken(byte[] data, int n, int from, int to) {
        byte[] out = new byte[n * to];
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < to; c++) {
                out[i * to + c] = data[i * from + c];
            }
        }
        return out;
    }

    private static Sample wordSample(Pixels pixels, ColorModel colors) {
        int n = pixels.height * pixels.width;
        boolean gray = pixels.channels <= 2;
        int channels =
                switch (colors) {
                    case GRAY -> 1;
                    case RGB, BGR -> 3;
                    case ANY -> gray ? 1 : pixels.channels;
                    case YCBCR -> 0;
                };
        if (channels == 0) {
            return byteSample(pixels.to8Bit(), colors);
        }
        ByteBuffer out =
                ByteBuffer.allocate(Math.multiplyExact(2 * n, channels))
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) {
            int p = i * pixels.channels;
            for (int c = 0; c < channels; c++) {
                out.putShort((short) word(pixels, p, c, gray, colors));
            }
        }
        return Sample.wrap(
                ElementType.UINT16, "HWC", out.array(), pixels.height, pixels.width, channels);
    }

    private static int word(Pixels pixels, int p, int channel, boolean gray, ColorModel colors) {
        if (gray) {
            return pixels.words[p];
        }
        if (colors == ColorModel.GRAY) {
            return Colors.luma(
                    pixels.words[p] & 0xFFFF,
                    pixels.words[p + 1] & 0xFFFF,
                    pixels.words[p + 2] & 0xFFFF);
        }
        return pixels.words[colors == ColorModel.BGR ? p + 2 - channel : p + channel];
    }
}
