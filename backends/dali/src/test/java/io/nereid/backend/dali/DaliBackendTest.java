package io.nereid.backend.dali;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.dali.tensor.Sample;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Requests to pipelines, through the contract of engines. */
class DaliBackendTest {
    private static final String BLOG =
            """
            backend: "dali" max_batch_size: 256
            input [ { name: "DALI_INPUT_0" data_type: TYPE_UINT8 dims: [ -1 ] allow_ragged_batch: true } ]
            output [ { name: "PIXELS" data_type: TYPE_FP32 dims: [ -1, -1, 3 ] } ]
            parameters { key: "num_threads" value { string_value: "12" } }
            """;
    private static final String IDENTITY =
            """
            backend: "dali" max_batch_size: %d
            input [ { name: "A" data_type: TYPE_FP32 dims: [ -1, -1 ] allow_ragged_batch: true } ]
            output [ { name: "Y" data_type: TYPE_FP32 dims: [ -1, -1 ] } ]
            """;

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @TempDir Path root;

    private OpenedModel blog() {
        return OpenedModel.of(root, allocator, "pipelines/blog_small.dali", BLOG);
    }

    private OpenedModel identity(int maxBatchSize) {
        byte[] file = PipelineText.withInput("A").op("Copy", "c", "A").out("Y").bytes();
        return OpenedModel.of(root, allocator, file, IDENTITY.formatted(maxBatchSize));
    }

    private Tensor image(String... fixtures) {
        byte[][] files = new byte[fixtures.length][];
        int longest = 0;
        for (int i = 0; i < files.length; i++) {
            files[i] = Npy.resource(fixtures[i]);
            longest = Math.max(longest, files[i].length);
        }
        byte[] padded = new byte[longest * files.length];
        for (int i = 0; i < files.length; i++) {
            System.arraycopy(files[i], 0, padded, i * longest, files[i].length);
        }
        return new Tensor(
                "DALI_INPUT_0",
                DataType.UINT8,
                Shape.of(files.length, longest),
                allocator.bytes(padded));
    }

    private static void assertClose(Tensor actual, int row, String expectedFixture) {
        Sample expected = Npy.sample(expectedFixture);
        float[] values = actual.buffer().segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        int n = expected.size();
        for (int i = 0; i < n; i++) {
            assertThat(Math.abs(values[row * n + i] - expected.doubleAt(i)))
                    .as("%s element %d", expectedFixture, i)
                    .isLessThanOrEqualTo(0.01765);
        }
    }

    @Test
    void answersAnImageWithItsPixels() {
        try (OpenedModel model = OpenedModel.of(root, allocator, "pipelines/blog_2026.dali", BLOG);
                RecordingSender answer = model.ask(image("images/13_large_422.jpg"))) {
            Tensor pixels = answer.response().outputs().getFirst();
            assertThat(pixels.name()).isEqualTo("PIXELS");
            assertThat(pixels.type()).isEqualTo(DataType.FP32);
            assertThat(pixels.shape()).isEqualTo(Shape.of(1, 299, 299, 3));
            assertClose(pixels, 0, "expected/blog_large.0.0.npy");
            assertThat(allocator.copies().copies(CopyMeter.Site.ENGINE_INPUT)).isEqualTo(1);
            assertThat(allocator.copies().bytes(CopyMeter.Site.ENGINE_OUTPUT))
                    .isEqualTo(pixels.buffer().byteSize());
        }
    }

    @Test
    void joinsRequestsWithImagesOfDifferentLength() {
        try (OpenedModel model = blog()) {
            List<RecordingSender> answers =
                    model.askTogether(
                            image("images/01_odd_420.jpg"),
                            image("images/02_444.jpg", "images/05_cmyk.jpg"),
                            image("images/07_rgba.png"));
            String[][] expected = {{"0"}, {"1", "5"}, {"7"}};
            for (int i = 0; i < 3; i++) {
                try (RecordingSender answer = answers.get(i)) {
                    Tensor pixels = answer.response().outputs().getFirst();
                    assertThat(pixels.shape()).isEqualTo(Shape.of(expected[i].length, 33, 33, 3));
                    for (int row = 0; row < expected[i].length; row++) {
                        assertClose(
                                pixels,
                                row,
                                "expected/blog_small_all.0." + expected[i][row] + ".npy");
                    }
                }
            }
        }
    }

    @Test
    void failsOnlyTheRequestWithTheBadSample() {
        try (OpenedModel model = blog()) {
            List<RecordingSender> answers =
                    model.askTogether(
                            image("images/01_odd_420.jpg"),
                            image("images/02_444.jpg", "images/21_not_an_image.bin"),
                            image("images/07_rgba.png"));
            StatusException failure = answers.get(1).failure();
            assertThat(failure.code()).isEqualTo(StatusCode.UNKNOWN);
            assertThat(failure.text())
                    .isEqualTo(
                            "DALI error: Error in MIXED operator `nvidia.dali.fn.decoders.image`"
                                    + " encountered:\n\nUnrecognized image format. Supported formats"
                                    + " are: JPEG, PNG, BMP, TIFF, PNM, JPEG2000 and WebP.. File: ");
            for (int i : new int[] {0, 2}) {
                try (RecordingSender answer = answers.get(i)) {
                    assertThat(answer.response().outputs().getFirst().shape())
                            .isEqualTo(Shape.of(1, 33, 33, 3));
                }
            }
        }
    }

    @Test
    void givesTheSameInParallel() throws Exception {
        try (OpenedModel model = blog();
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            String[] images = {
                "images/01_odd_420.jpg", "images/02_444.jpg", "images/04_gray.jpg",
                "images/06_progressive.jpg", "images/10_palette.png", "images/14.bmp"
            };
            byte[] alone;
            try (RecordingSender answer = model.ask(image(images))) {
                alone = bytes(answer.response().outputs().getFirst());
            }
            List<Future<?>> runs = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                runs.add(
                        threads.submit(() -> {
                            try (OpenedModel.Instance instance = model.openInstance()) {
                                for (int i = 0; i < 4; i++) {
                                    try (RecordingSender answer = instance.ask(image(images))) {
                                        assertThat(bytes(answer.response().outputs().getFirst()))
                                                .isEqualTo(alone);
                                    }
                                }
                            }
                        }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
    }

    private static byte[] bytes(Tensor tensor) {
        return tensor.buffer().segment().toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void answersTheFoundingRequests() throws Exception {
        String[][] cases = {
            {"01_odd_420", "images/01_odd_420.jpg", "expected/blog_small_all.0.0.npy"},
            {"05_cmyk", "images/05_cmyk.jpg", "expected/blog_small_all.0.5.npy"},
            {"07_rgba", "images/07_rgba.png", "expected/blog_small_all.0.7.npy"}
        };
        try (OpenedModel model = blog()) {
            for (String[] names : cases) {
                byte[] json = FoundingRequests.fromJson(names[0]);
                assertThat(json).isEqualTo(FoundingRequests.fromBinary(names[0]));
                assertThat(json).isEqualTo(Npy.resource(names[1]));
                Tensor input =
                        new Tensor(
                                "DALI_INPUT_0",
                                DataType.UINT8,
                                Shape.of(1, json.length),
                                allocator.bytes(json));
                try (RecordingSender answer = model.ask(input)) {
                    assertClose(answer.response().outputs().getFirst(), 0, names[2]);
                }
            }
        }
    }

    @Test
    void refusesSamplesOfDifferentShapeInOneRequest() {
        byte[] file =
                PipelineText.withInput("DALI_INPUT_0")
                        .op("decoders__Image", "d", "DALI_INPUT_0")
                        .out("D")
                        .bytes();
        String config = BLOG.replace("TYPE_FP32", "TYPE_UINT8");
        try (OpenedModel model = OpenedModel.of(root, allocator, file, config)) {
            RecordingSender refused = model.ask(image("images/02_444.jpg", "images/12_tiny.png"));
            assertThat(refused.failure().text())
                    .startsWith(
                            "DALI error: Samples of one request must have the same shape in output"
                                    + " 'PIXELS', got uint8[");
            List<RecordingSender> alone =
                    model.askTogether(image("images/02_444.jpg"), image("images/12_tiny.png"));
            assertThat(alone).allSatisfy(answer -> assertThat(answer.response()).isNotNull());
            alone.forEach(RecordingSender::close);
        }
    }

    @Test
    void takesTheFirstDimensionForSamplesWithoutBatching() {
        try (OpenedModel model = identity(0);
                RecordingSender answer =
                        model.ask(allocator.fp32("A", Shape.of(2, 3), 1, 2, 3, 4, 5, 6))) {
            assertThat(answer.response().outputs().getFirst().shape()).isEqualTo(Shape.of(2, 3));
        }
    }

    @Test
    void mergesTheOutermostDimensionIntoTheBatchOnRequest() {
        byte[] file = PipelineText.withInput("A").op("Copy", "c", "A").out("Y").bytes();
        String config =
                IDENTITY.formatted(8)
                        + "parameters { key: \"split_along_outer_axis\" value { string_value: \"Y\" } }";
        try (OpenedModel model = OpenedModel.of(root, allocator, file, config);
                RecordingSender answer =
                        model.ask(allocator.fp32("A", Shape.of(2, 3, 1), 1, 2, 3, 4, 5, 6))) {
            assertThat(answer.response().outputs().getFirst().shape()).isEqualTo(Shape.of(6, 1));
        }
    }

    @Test
    void refusesRequestsThatAskForSomeOutputsOnly() {
        byte[] file =
                PipelineText.withInput("A")
                        .op("Copy", "c", "A")
                        .out("Y")
                        .output("Y")
                        .output("A")
                        .bytes();
        String config =
                IDENTITY.formatted(8)
                        + "output [ { name: \"Z\" data_type: TYPE_FP32 dims: [ -1, -1 ] } ]";
        try (OpenedModel model = OpenedModel.of(root, allocator, file, config)) {
            RecordingSender refused = model.ask(allocator.fp32("A", Shape.of(1, 1, 1), 1), "Y");
            assertThat(refused.failure().text())
                    .isEqualTo(
                            "Number of outputs expected by the requests (1) does not match the number"
                                    + " of outputs from DALI pipeline (2).");
            try (RecordingSender answer = model.ask(allocator.fp32("A", Shape.of(1, 1, 1), 1))) {
                assertThat(answer.response().outputs())
                        .extracting(Tensor::name)
                        .containsExactly("Y", "Z");
            }
        }
    }

    @Test
    void refusesInputsThatDoNotGoTogether() {
        byte[] file = PipelineText.withInput("A", "B").op("Cat", "c", "A B").out("Y").bytes();
        String config =
                IDENTITY.formatted(0).replace("[ -1, -1 ]", "[ -1 ]")
                        + "input [ { name: \"B\" data_type: TYPE_FP32 dims: [ -1 ] } ]";
        try (OpenedModel model = OpenedModel.of(root, allocator, file, config)) {
            RecordingSender refused =
                    model.ask(
                            List.of(
                                    allocator.fp32("A", Shape.of(2), 1, 2),
                                    allocator.fp32("B", Shape.of(3), 1, 2, 3)));
            assertThat(refused.failure().text())
                    .isEqualTo("Each input in a request must have the same batch size.");
        }
    }

    @Test
    void givesBackWhatItAllocatedWhenMemoryRunsOut() {
        AtomicInteger left = new AtomicInteger(1);
        TensorAllocator scarce =
                new TensorAllocator() {
                    @Override
                    public TensorBuffer allocate(long byteSize) {
                        if (left.getAndDecrement() <= 0) {
                            throw new StatusException(StatusCode.UNAVAILABLE, "no memory");
                        }
                        return allocator.allocate(byteSize);
                    }

                    @Override
                    public CopyMeter copies() {
                        return allocator.copies();
                    }
                };
        byte[] file =
                PipelineText.withInput("A")
                        .op("Copy", "c", "A")
                        .out("Y")
                        .output("Y")
                        .output("A")
                        .bytes();
        String config =
                IDENTITY.formatted(8)
                        + "output [ { name: \"Z\" data_type: TYPE_FP32 dims: [ -1, -1 ] } ]";
        try (OpenedModel model = OpenedModel.of(root, scarce, file, config)) {
            RecordingSender refused = model.ask(allocator.fp32("A", Shape.of(1, 1, 1), 1));
            assertThat(refused.failure().code()).isEqualTo(StatusCode.UNAVAILABLE);
            assertThat(refused.failure().text()).isEqualTo("no memory");
        }
    }

    @Test
    void carriesEveryElementTypeOfPipelines() {
        byte[] file = PipelineText.withInput("A").op("Copy", "c", "A").out("Y").bytes();
        for (DataType type : DataType.values()) {
            if (!type.hasFixedSize() || type == DataType.BF16) {
                continue;
            }
            String config = IDENTITY.formatted(8).replace("TYPE_FP32", type.configType().name());
            byte[] content = new byte[6 * type.byteSize()];
            for (int i = 0; i < content.length; i++) {
                content[i] = (byte) (type == DataType.BOOL ? i % 2 : 37 * i + 11);
            }
            try (OpenedModel model = OpenedModel.of(root, allocator, file, config);
                    RecordingSender answer =
                            model.ask(
                                    new Tensor(
                                            "A",
                                            type,
                                            Shape.of(2, 3, 1),
                                            allocator.bytes(content)))) {
                assertThat(bytes(answer.response().outputs().getFirst())).isEqualTo(content);
                assertThat(answer.response().outputs().getFirst().type()).isEqualTo(type);
            }
        }
    }

    @Test
    void leavesAnswersValidAfterTheModelIsClosed() {
        RecordingSender answer;
        try (OpenedModel model = identity(8)) {
            answer = model.ask(allocator.fp32("A", Shape.of(1, 1, 2), 4, 5));
        }
        assertThat(
                        answer.response()
                                .outputs()
                                .getFirst()
                                .buffer()
                                .segment()
                                .get(ValueLayout.JAVA_FLOAT, 4))
                .isEqualTo(5);
        answer.close();
    }
}
