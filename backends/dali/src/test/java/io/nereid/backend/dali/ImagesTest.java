package io.nereid.backend.dali;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.backend.dali.image.ColorModel;
import io.nereid.backend.dali.image.ImageDecoder;
import io.nereid.backend.dali.image.ImageInfo;
import io.nereid.backend.dali.image.ImageLimits;
import io.nereid.backend.dali.image.Orientation;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
    private final ImageDecoder decoder = new ImageDecoder(ImageLimits.DEFAULT, System::nanoTime);

    static Stream<String> photos() throws IOException {
        List<String> names = new ArrayList<>();
        new ObjectMapper()
                .readTree(Npy.resource("photos/reference.json"))
                .fieldNames()
                .forEachRemaining(names::add);
        assertThat(names).hasSize(10);
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("photos")
    void decodesPhotosAsPillowDoes(String name) throws IOException {
        JsonNode expected =
                new ObjectMapper().readTree(Npy.resource("photos/reference.json")).get(name);
        byte[] data = Npy.resource("photos/" + name);
        Sample stored = decoder.decode(data, ColorModel.RGB, false);
        Sample upright = Orientation.apply(stored, decoder.peek(data).orientation());
        assertThat(upright.dims())
                .containsExactly(expected.get("height").asInt(), expected.get("width").asInt(), 3);
        for (int c = 0; c < 3; c++) {
            double sum = 0;
            for (int i = c; i < upright.size(); i += 3) {
                sum += upright.doubleAt(i);
            }
            assertThat(sum / (upright.size() / 3.0))
                    .isCloseTo(expected.get("mean_rgb").get(c).asDouble(), within(2.0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RGB", "BGR", "GRAY"})
    void decodesFixturesBitForBit(String colors) throws IOException {
        for (JsonNode node : new ObjectMapper().readTree(Npy.resource("cases.json"))) {
            if (!node.get("name").asText().equals("decode_" + colors)) {
                continue;
            }
            JsonNode images = node.get("inputs").get("ENCODED");
            for (int i = 0; i < images.size(); i++) {
                String image = images.get(i).asText();
                Sample expected = Npy.sample(node.get("outputs").get(0).get(i).asText());
                Sample decoded =
                        decoder.decode(Npy.resource(image), ColorModel.valueOf(colors), false);
                // the gray values of formats other than JPEG may differ by a level
                int allowed = colors.equals("GRAY") && !image.endsWith("jpg") ? 1 : 0;
                assertThat(decoded.dims()).isEqualTo(expected.dims());
                for (int p = 0; p < expected.size(); p++) {
                    assertThat(Math.abs(expected.doubleAt(p) - decoded.doubleAt(p)))
                            .as("%s element %d", image, p)
                            .isLessThanOrEqualTo(allowed);
                }
            }
            return;
        }
        throw new AssertionError("no case for " + colors);
    }

    @Test
    void decodesWhatIsThereOfATruncatedFile() {
        Sample image = decoder.decode(Npy.resource("photos/truncated.jpg"), ColorModel.RGB, false);
        Sample whole =
                decoder.decode(Npy.resource("photos/baseline420.jpg"), ColorModel.RGB, false);
        assertThat(image.dims()).isEqualTo(whole.dims());
        int quarter = whole.size() / 4;
        assertThat(Arrays.copyOf(image.data(), quarter))
                .isEqualTo(Arrays.copyOf(whole.data(), quarter));
    }

    @Test
    void ignoresColourProfilesInJpegFiles() {
        byte[] plain = Npy.resource("photos/baseline444.jpg");
        byte[] profile =
                "ICC_PROFILE\0\1\1 this is no profile".getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer with = ByteBuffer.allocate(plain.length + profile.length + 4);
        with.put(plain, 0, 2).putShort((short) 0xFFE2).putShort((short) (profile.length + 2));
        with.put(profile).put(plain, 2, plain.length - 2);
        assertThat(decoder.decode(with.array(), ColorModel.RGB, false).data())
                .isEqualTo(decoder.decode(plain, ColorModel.RGB, false).data());
    }

    @Test
    void readsComponentsWithUnusualNumbersAsLumaAndChroma() {
        byte[] plain = withoutJfif(Npy.resource("photos/baseline444.jpg"));
        byte[] renumbered = plain.clone();
        for (int i = 0; i + 1 < renumbered.length; i++) {
            int marker = renumbered[i] == -1 ? renumbered[i + 1] & 0xFF : 0;
            int first = marker == 0xC0 ? i + 10 : marker == 0xDA ? i + 5 : -1;
            for (int c = 0; c < 3 && first > 0; c++) {
                renumbered[first + c * (marker == 0xC0 ? 3 : 2)] = (byte) (40 + c);
            }
        }
        assertThat(decoder.decode(renumbered, ColorModel.RGB, false).data())
                .isEqualTo(decoder.decode(plain, ColorModel.RGB, false).data());
    }

    private static byte[] withoutJfif(byte[] jpeg) {
        int length = (jpeg[4] & 0xFF) << 8 | (jpeg[5] & 0xFF);
        byte[] shorter = new byte[jpeg.length - length - 2];
        shorter[0] = jpeg[0];
        shorter[1] = jpeg[1];
        System.arraycopy(jpeg, 4 + length, shorter, 2, shorter.length - 2);
        return shorter;
    }

    @Test
    void keepsSixteenBitsWhereAsked() {
        byte[] data = Npy.resource("photos/gray16.png");
        Sample words = decoder.decode(data, ColorModel.ANY, true);
        Sample bytes = decoder.decode(data, ColorModel.ANY, false);
        assertThat(words.type()).isEqualTo(ElementType.UINT16);
        for (int i = 0; i < bytes.size(); i++) {
            assertThat((int) words.doubleAt(i) >> 8).isEqualTo((int) bytes.doubleAt(i));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bmp", "tiff", "png"})
    void readsWhatTheJdkWrites(String format) throws IOException {
        BufferedImage image = new BufferedImage(5, 4, BufferedImage.TYPE_3BYTE_BGR);
        for (int i = 0; i < 20; i++) {
            image.setRGB(i % 5, i / 5, 0x0A3C20 * (i + 1));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        Sample decoded = decoder.decode(out.toByteArray(), ColorModel.RGB, false);
        assertThat(decoder.peek(out.toByteArray())).isEqualTo(new ImageInfo(4, 5, 3, 1));
        assertThat(decoded.dims()).containsExactly(4, 5, 3);
        for (int i = 0; i < 20; i++) {
            int rgb = image.getRGB(i % 5, i / 5) & 0xFFFFFF;
            int got =
                    (int) decoded.doubleAt(3 * i) << 16
                            | (int) decoded.doubleAt(3 * i + 1) << 8
                            | (int) decoded.doubleAt(3 * i + 2);
            assertThat(got).isEqualTo(rgb);
        }
    }

    @Test
    void readsAllPortableMaps() {
        assertThat(pnm("P1 # comment\n2 1\n1 0")).containsExactly(0, 255);
        assertThat(pnm("P2 2 1 100\n50 100")).containsExactly(127, 255);
        assertThat(pnm("P3\n1 1\n255\n1 2 3")).containsExactly(1, 2, 3);
        assertThat(pnm("P4 9 1\n\u0080\u0080"))
                .containsExactly(0, 255, 255, 255, 255, 255, 255, 255, 0);
        assertThat(pnm("P5 2 1 255\nAB")).containsExactly(65, 66);
        assertThat(pnm("P5 1 1 65535\nAB")).containsExactly(65);
        assertThat(pnm("P6 1 1 255\nABC")).containsExactly(65, 66, 67);
        assertThatThrownBy(() -> pnm("P6 2 1 255\nABC")).hasMessage("Unsupported image type.");
        assertThatThrownBy(() -> pnm("P5 x")).hasMessage("Unsupported image type.");
    }

    private int[] pnm(String text) {
        byte[] data = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] pixels = decoder.decode(data, ColorModel.ANY, false).data();
        int[] values = new int[pixels.length];
        Arrays.setAll(values, i -> pixels[i] & 0xFF);
        return values;
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertRefused("GIF89a etc", "GIF images are not supported.");
        assertRefused(
                "hello",
                "Unrecognized image format. Supported formats are: JPEG, PNG, BMP, TIFF, PNM, JPEG2000"
                        + " and WebP.");
        assertRefused("", "Unrecognized image format.");
        assertRefused("RIFF0000WEBPVP8 ", "Unsupported image type.");
        assertRefused("\0\0\0\u000CjP  \r\n\u0087\n", "Unsupported image type.");
        assertRefused("\u00FF\u00D8\u00FF\u00D9", "Unsupported image type.");
        assertRefused("\u0089PNG\r\n\u001A\n", "Unsupported image type.");
        assertRefused("BM", "Unsupported image type.");
        assertRefused("II*\0\u0008\0\0\0\0\0", "Unsupported image type.");
    }

    private void assertRefused(String data, String text) {
        byte[] bytes = data.getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> decoder.decode(bytes, ColorModel.RGB, false))
                .isInstanceOf(DaliException.class)
                .hasMessageStartingWith(text);
    }

    @Test
    void refusesBombsByTheirHeader() {
        byte[] png = Npy.resource("images/12_tiny.png");
        ByteBuffer.wrap(png).putInt(16, 0x7FFFFFFF).putInt(20, 0x7FFFFFFF);
        assertThatThrownBy(() -> decoder.decode(png, ColorModel.RGB, false))
                .hasMessageContaining("exceeds the maximum configured value:")
                .hasMessageContaining("> DALI_MAX_IMAGE_SIZE (268435456).");
        ImageDecoder strict = new ImageDecoder(new ImageLimits(1000, 256), System::nanoTime);
        for (String name : List.of("02_444.jpg", "07_rgba.png", "14.bmp")) {
            assertThatThrownBy(() ->
                            strict.decode(Npy.resource("images/" + name), ColorModel.RGB, false))
                    .as(name)
                    .hasMessageContaining("DALI_MAX_IMAGE_SIZE (1000)");
        }
    }

    @Test
    void refusesTooManyScans() {
        ImageDecoder strict =
                new ImageDecoder(
                        new ImageLimits(ImageLimits.DEFAULT_MAX_BYTES, 3), System::nanoTime);
        byte[] data = Npy.resource("images/06_progressive.jpg");
        assertThatThrownBy(() -> strict.decode(data, ColorModel.RGB, false))
                .hasMessageContaining("The number of scans (")
                .hasMessageContaining("exceeded the currently supported value of 3.");
    }

    @Test
    void turnsPicturesByEveryOrientation() {
        Sample image =
                Sample.wrap(ElementType.UINT8, "HWC", new byte[] {1, 2, 3, 4, 5, 6}, 2, 3, 1);
        byte[][] expected = {
            {1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3},
            {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3}, {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}
        };
        for (int orientation = 1; orientation <= 8; orientation++) {
            assertThat(Orientation.apply(image, orientation).data())
                    .as("orientation %d", orientation)
                    .isEqualTo(expected[orientation - 1]);
        }
        assertThat(Orientation.apply(image, 99)).isSameAs(image);
    }

    @Test
    void readsSizesFromHeaders() {
        assertThat(decoder.peek(Npy.resource("images/03_exif6.jpg")).orientation()).isEqualTo(6);
        assertThat(decoder.peek(Npy.resource("images/05_cmyk.jpg")).channels()).isEqualTo(3);
        assertThat(decoder.peek(Npy.resource("images/07_rgba.png")).channels()).isEqualTo(4);
        assertThat(decoder.peek(Npy.resource("images/11_gray_alpha.png")).channels()).isEqualTo(1);
        assertThat(decoder.peek(Npy.resource("images/04_gray.jpg")).channels()).isEqualTo(1);
    }
}
