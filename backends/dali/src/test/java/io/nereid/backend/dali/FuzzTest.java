package io.nereid.backend.dali;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.dali.image.ColorModel;
import io.nereid.backend.dali.image.ImageDecoder;
import io.nereid.backend.dali.image.ImageLimits;
import io.nereid.backend.dali.pipeline.InputPort;
import io.nereid.backend.dali.pipeline.Parallel;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.pipeline.PipelineException;
import io.nereid.backend.dali.pipeline.PipelineReader;
import io.nereid.backend.dali.pipeline.SampleResult;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files and pictures give clear errors, quickly. The seeds are fixed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuzzTest {
    private static final int ROUNDS = 150;

    private static byte[] damaged(byte[] whole, Random random) {
        byte[] data = whole.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            data[random.nextInt(data.length)] = (byte) random.nextInt();
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(data, random.nextInt(data.length)) : data;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "blog_2021",
                "letterbox",
                "resize_modes",
                "crop_variants",
                "shapes_and_joins",
                "warp_affine",
                "subscript",
                "arithmetic",
                "color",
                "audio",
                "multi_output"
            })
    void damagedPipelinesAreRefusedOrRun(String name) {
        byte[] whole = Npy.resource("pipelines/" + name + ".dali");
        PipelineReader reader = Pipelines.reader();
        Random random = new Random(name.hashCode());
        int run = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try {
                Pipeline pipeline = reader.read(damaged(whole, random));
                run += runs(pipeline) ? 1 : 0;
            } catch (PipelineException e) {
                assertThat(e.text()).isNotEmpty();
            }
        }
        assertThat(run).isBetween(0, ROUNDS);
    }

    private static boolean runs(Pipeline pipeline) {
        List<Sample> inputs = new ArrayList<>();
        for (InputPort port : pipeline.inputs()) {
            inputs.add(input(port));
        }
        return switch (pipeline.run(List.of(inputs), Parallel.SEQUENTIAL).getFirst()) {
            case SampleResult.Done _ -> true;
            case SampleResult.Failed(String text) -> {
                assertThat(text).isNotEmpty().doesNotContain("internal error");
                yield false;
            }
        };
    }

    private static Sample input(InputPort port) {
        int[] dims = new int[Math.min(port.rank().orElse(2), 4)];
        Arrays.fill(dims, 6);
        if (dims.length == 3) {
            dims[2] = 3;
        }
        return Sample.zeros(port.type().orElse(ElementType.UINT8), "", dims);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01_odd_420.jpg",
                "05_cmyk.jpg",
                "06_progressive.jpg",
                "07_rgba.png",
                "08_rgb16.png",
                "10_palette.png",
                "14.bmp",
                "03_exif6.jpg"
            })
    void damagedPicturesAreRefusedOrDecoded(String name) {
        decodeDamaged(Npy.resource("images/" + name), name.hashCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"P3 9 9 255\n", "P5 30 20 255\n", "P1 5 5\n"})
    void damagedPortableMapsAreRefusedOrDecoded(String header) {
        byte[] text = (header + "1 0 1 0 1 ".repeat(60)).getBytes(StandardCharsets.US_ASCII);
        decodeDamaged(text, header.hashCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiff", "bmp"})
    void damagedFilesOfTheJdkAreRefusedOrDecoded(String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(20, 20, BufferedImage.TYPE_3BYTE_BGR), format, out);
        decodeDamaged(out.toByteArray(), format.hashCode());
    }

    private static void decodeDamaged(byte[] whole, int seed) {
        ImageDecoder decoder = new ImageDecoder(new ImageLimits(8 << 20, 64), System::nanoTime);
        Random random = new Random(seed);
        int outcomes = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] data = damaged(whole, random);
            try {
                Sample image = decoder.decode(data, ColorModel.RGB, false);
                assertThat(image.rank()).isEqualTo(3);
            } catch (DaliException e) {
                assertThat(e.text()).isNotEmpty();
            }
            try {
                assertThat(decoder.peek(data).channels()).isBetween(1, 4);
            } catch (DaliException e) {
                assertThat(e.text()).isNotEmpty();
            }
            outcomes++;
        }
        assertThat(outcomes).isEqualTo(ROUNDS);
    }
}
