package io.nereid.backend.dali;

import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** Reads fixtures: resources below {@code /dali}, plain or gzipped, and arrays in npy format. */
final class Npy {
    private static final Pattern HEADER =
            Pattern.compile("'descr': '([^']+)'.*'fortran_order': False.*'shape': \\(([^)]*)\\)");

    private Npy() {}

    static byte[] resource(String path) {
        try (InputStream plain = Npy.class.getResourceAsStream("/dali/" + path);
                InputStream packed = Npy.class.getResourceAsStream("/dali/" + path + ".gz")) {
            if (plain != null) {
                return plain.readAllBytes();
            }
            if (packed == null) {
                throw new IllegalStateException("no fixture " + path);
            }
            try (InputStream unpacked =
                    new GZIPInputStream(new ByteArrayInputStream(packed.readAllBytes()))) {
                return unpacked.readAllBytes();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An array, or for other files their bytes as UINT8. */
    static Sample sample(String path) {
        byte[] content = resource(path);
        return path.endsWith(".npy")
                ? parse(content)
                : Sample.wrap(ElementType.UINT8, "", content, content.length);
    }

    private static Sample parse(byte[] content) {
        boolean longHeader = content[6] > 1;
        int length = (content[8] & 0xFF) | (content[9] & 0xFF) << 8;
        int start = longHeader ? 12 : 10;
        String header = new String(content, start, length, StandardCharsets.US_ASCII);
        Matcher matcher = HEADER.matcher(header);
        if (!matcher.find()) {
            throw new IllegalStateException("npy header " + header);
        }
        int[] dims =
                Arrays.stream(matcher.group(2).split(",", -1))
                        .map(String::strip)
                        .filter(part -> !part.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();
        byte[] data = Arrays.copyOfRange(content, start + length, content.length);
        return Sample.wrap(type(matcher.group(1)), "", data, dims);
    }

    private static ElementType type(String descr) {
        return switch (descr) {
            case "|u1" -> ElementType.UINT8;
            case "<u2" -> ElementType.UINT16;
            case "<u4" -> ElementType.UINT32;
            case "<u8" -> ElementType.UINT64;
            case "|i1" -> ElementType.INT8;
            case "<i2" -> ElementType.INT16;
            case "<i4" -> ElementType.INT32;
            case "<i8" -> ElementType.INT64;
            case "<f2" -> ElementType.FLOAT16;
            case "<f4" -> ElementType.FLOAT;
            case "<f8" -> ElementType.FLOAT64;
            case "|b1" -> ElementType.BOOL;
            default -> throw new IllegalStateException("npy type " + descr);
        };
    }
}
