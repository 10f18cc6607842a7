package io.nereid.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendContractTest;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendHarness;
import io.nereid.backend.BackendHarness.Fixture;
import io.nereid.backend.BackendModel;
import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class OnnxRuntimeBackendTest extends BackendContractTest {
    private static final String ENGINE = "platform: \"onnxruntime_onnx\" backend: \"onnxruntime\" ";
    private static final Path MODELS = Path.of("src", "test", "resources", "models");

    @Override
    protected Backend newBackend() {
        return new OnnxRuntimeBackend();
    }

    @Override
    protected Fixture addSub() {
        return place(
                "addsub_int32",
                """
                max_batch_size: 8
                input [
                  { name: "INPUT0" data_type: TYPE_INT32 dims: [ 16 ] },
                  { name: "INPUT1" data_type: TYPE_INT32 dims: [ 16 ] } ]
                output [
                  { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 16 ] },
                  { name: "OUTPUT1" data_type: TYPE_INT32 dims: [ 16 ] } ]
                """);
    }

    @Override
    protected DataType addSubType() {
        return DataType.INT32;
    }

    @Override
    protected Fixture identity(DataType type) {
        return place(
                "identity_" + type.name().toLowerCase(Locale.ROOT),
                """
                max_batch_size: 8
                input [ { name: "INPUT0" data_type: %1$s dims: [ -1 ] } ]
                output [ { name: "OUTPUT0" data_type: %1$s dims: [ -1 ] } ]
                """
                        .formatted(type.configType()));
    }

    @Override
    protected Set<DataType> types() {
        return EnumSet.complementOf(EnumSet.of(DataType.INVALID));
    }

    private Fixture place(String model, String config) {
        return BackendHarness.place(
                root, model, MODELS.resolve(model + ".onnx"), "model.onnx", ENGINE + config);
    }

    @Test
    void readsInputsAndHandsOutputsOnWithoutACopy() {
        try (Opened model = open(addSub());
                RecordingSender answer = model.ask(inputs())) {
            assertThat(answer.response().outputs()).hasSize(2);
            for (CopyMeter.Site site : CopyMeter.Site.values()) {
                assertThat(allocator.copies().copies(site)).as("%s", site).isZero();
            }
        }
    }

    @Test
    void readsInputsAtAnyAddress() {
        TensorBuffer block = allocator.bytes(new byte[1 + 64]);
        block.segment().set(ValueLayout.JAVA_INT_UNALIGNED, 1, 41);
        TensorBuffer odd = block.slice(1, 64);
        block.close();
        try (Opened model = open(addSub());
                RecordingSender answer =
                        model.ask(
                                List.of(
                                        new Tensor("INPUT0", DataType.INT32, Shape.of(1, 16), odd),
                                        allocator.int32("INPUT1", Shape.of(1, 16), new int[16])),
                                "OUTPUT0")) {
            assertThat(outputs(answer.response()).get("OUTPUT0")).startsWith(41, 0, 0, 0);
        }
    }

    private List<Tensor> inputs() {
        return List.of(
                allocator.int32("INPUT0", Shape.of(1, 16), new int[16]),
                allocator.int32("INPUT1", Shape.of(1, 16), new int[16]));
    }

    // y is twice x; total is the sum of all elements up to the end of each request's.
    @Test
    void joinsRequestsOfDifferentShapesAndCutsTheirAnswers() {
        Fixture fixture =
                place(
                        "ragged",
                        """
                        max_batch_size: 8
                        input [ { name: "x" data_type: TYPE_FP32 dims: [ -1 ]
                                  allow_ragged_batch: true } ]
                        output [ { name: "y" data_type: TYPE_FP32 dims: [ -1 ] },
                                 { name: "total" data_type: TYPE_FP32 dims: [ 1 ] } ]
                        batch_input { kind: BATCH_ACCUMULATED_ELEMENT_COUNT target_name: "end"
                                      data_type: TYPE_FP32 source_input: "x" }
                        batch_output { kind: BATCH_SCATTER_WITH_INPUT_SHAPE target_name: "y"
                                       source_input: "x" }
                        """);
        try (Opened model = open(fixture)) {
            List<RecordingSender> answers =
                    BackendHarness.execute(
                            model.instance(),
                            model.config(),
                            List.of(
                                    BackendHarness.request(
                                            model.config(),
                                            List.of(allocator.fp32("x", Shape.of(1, 3), 1, 2, 3))),
                                    BackendHarness.request(
                                            model.config(),
                                            List.of(allocator.fp32("x", Shape.of(1, 1), 10)))));
            assertThat(floats(answers.get(0), "y")).containsExactly(2, 4, 6);
            assertThat(floats(answers.get(0), "total")).containsExactly(6);
            assertThat(floats(answers.get(1), "y")).containsExactly(20);
            assertThat(floats(answers.get(1), "total")).containsExactly(16);
            answers.forEach(RecordingSender::close);
        }
    }

    private static float[] floats(RecordingSender answer, String name) {
        return answer.response().outputs().stream()
                .filter(output -> output.name().equals(name))
                .map(output -> output.buffer().segment().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED))
                .findFirst()
                .orElseThrow();
    }

    // Here the engine's output lies in the request's own memory.
    @Test
    void keepsTheRequestsMemoryAsLongAsAnAnswerLiesInIt() {
        Fixture fixture =
                place(
                        "passthrough",
                        """
                        max_batch_size: 4
                        input [ { name: "x" data_type: TYPE_FP32 dims: [ 2 ] } ]
                        output [
                          { name: "x" data_type: TYPE_FP32 dims: [ 2 ] },
                          { name: "z" data_type: TYPE_FP32 dims: [ 2 ] } ]
                        """);
        try (Opened model = open(fixture)) {
            RecordingSender answer = model.ask(List.of(allocator.fp32("x", Shape.of(1, 2), 3, 4)));
            assertThat(allocator.openBlocks()).isEqualTo(1);
            MemorySegment bytes = answer.response().outputs().getFirst().buffer().segment();
            assertThat(bytes.getAtIndex(ValueLayout.JAVA_FLOAT, 1)).isEqualTo(4);
            answer.close();
            assertThat(allocator.openBlocks()).isZero();
        }
    }

    @Test
    void runsOnThreadsSharedByAllModels() {
        try (OnnxRuntimeBackend sharing = new OnnxRuntimeBackend()) {
            sharing.open(
                    new BackendEnvironment(
                            Path.of("target", "backend").toAbsolutePath(),
                            Map.of("enable-global-threadpool", "1", "intra_op_thread_count", "2"),
                            allocator,
                            2));
            Fixture fixture = addSub();
            try (BackendModel model = sharing.openModel(fixture.checkedConfig(), fixture.files());
                    ModelInstance instance =
                            model.openInstance(
                                    new InstanceSpec(
                                            "a_0",
                                            0,
                                            1,
                                            Device.CPU,
                                            ModelInstanceGroup.getDefaultInstance()));
                    RecordingSender answer =
                            BackendHarness.execute(
                                            instance,
                                            fixture.checkedConfig(),
                                            List.of(
                                                    BackendHarness.request(
                                                            fixture.checkedConfig(), inputs())))
                                    .getFirst()) {
                assertThat(answer.response().outputs()).hasSize(2);
            }
        }
    }

    @Test
    void passesStringsByteForByte() {
        Fixture fixture =
                place(
                        "equal_strings",
                        """
                        input [ { name: "INPUT0" data_type: TYPE_STRING dims: [ 2 ] } ]
                        output [ { name: "OUTPUT0" data_type: TYPE_BOOL dims: [ 2 ] } ]
                        """);
        try (Opened model = open(fixture);
                RecordingSender answer =
                        model.ask(
                                List.of(
                                        allocator.texts(
                                                "INPUT0", Shape.of(2), "\uD83D\uDE00", "a\0b")))) {
            assertThat(outputs(answer.response()).get("OUTPUT0")).containsExactly(1, 1);
        }
    }

    @Test
    void answersWithASizeKnownOnlyAfterTheRun() {
        Fixture fixture =
                place(
                        "nonzero",
                        """
                        input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ -1 ] } ]
                        output [ { name: "OUTPUT0" data_type: TYPE_INT64 dims: [ 1, -1 ] } ]
                        """);
        try (Opened model = open(fixture)) {
            try (RecordingSender answer =
                    model.ask(List.of(allocator.fp32("INPUT0", Shape.of(4), 0, 5, 0, 7)))) {
                assertThat(answer.response().outputs().getFirst().shape())
                        .isEqualTo(Shape.of(1, 2));
                assertThat(longs(answer.response().outputs().getFirst())).containsExactly(1L, 3L);
            }
            try (RecordingSender answer =
                    model.ask(List.of(allocator.fp32("INPUT0", Shape.of(2), 0, 0)))) {
                assertThat(answer.response().outputs().getFirst().shape())
                        .isEqualTo(Shape.of(1, 0));
            }
            try (RecordingSender answer =
                    model.ask(List.of(allocator.fp32("INPUT0", Shape.of(0))))) {
                assertThat(answer.response().outputs().getFirst().shape())
                        .isEqualTo(Shape.of(1, 0));
            }
        }
    }

    @Test
    void answersWithOtherSizesThanBeforeForInputsOfTheSameShape() {
        Fixture fixture =
                place(
                        "nonzero",
                        """
                        input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ -1 ] } ]
                        output [ { name: "OUTPUT0" data_type: TYPE_INT64 dims: [ 1, -1 ] } ]
                        """);
        float[][] inputs = {{0, 5, 0, 7}, {1, 0, 0, 2}, {1, 2, 3, 4}, {0, 0, 0, 0}, {0, 0, 9, 0}};
        try (Opened model = open(fixture)) {
            for (float[] input : inputs) {
                try (RecordingSender answer =
                        model.ask(List.of(allocator.fp32("INPUT0", Shape.of(4), input)))) {
                    assertThat(longs(answer.response().outputs().getFirst()))
                            .containsExactly(
                                    LongStream.range(0, 4)
                                            .filter(i -> input[(int) i] != 0)
                                            .boxed()
                                            .toArray(Long[]::new));
                }
            }
        }
    }

    @Test
    void answersEachOfManyRequestsOfTheSameShapesWithItsOwnNumbers() {
        try (Opened model = open(addSub())) {
            List<RecordingSender> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int rows = 1 + i % 2;
                int[] first = new int[rows * 16];
                int[] second = new int[rows * 16];
                Arrays.fill(first, 100 + i);
                Arrays.fill(second, i);
                answers.add(
                        model.ask(
                                List.of(
                                        allocator.int32("INPUT0", Shape.of(rows, 16), first),
                                        allocator.int32("INPUT1", Shape.of(rows, 16), second))));
            }
            for (int i = 0; i < 20; i++) {
                for (Tensor output : answers.get(i).response().outputs()) {
                    int[] numbers = output.buffer().segment().toArray(ValueLayout.JAVA_INT);
                    int expected = output.name().equals("OUTPUT0") ? 100 + 2 * i : 100;
                    assertThat(numbers).hasSize((1 + i % 2) * 16).containsOnly(expected);
                }
                answers.get(i).close();
            }
            assertThat(allocator.copies().copies(CopyMeter.Site.ENGINE_OUTPUT)).isZero();
        }
    }

    @Test
    void reportsAFailureWithTheEnginesCodeAndText() {
        Fixture fixture =
                place(
                        "gather",
                        """
                        max_batch_size: 4
                        input [ { name: "IDX" data_type: TYPE_INT64 dims: [ 1 ] } ]
                        output [ { name: "VALUE" data_type: TYPE_FP32 dims: [ 1 ] } ]
                        """);
        try (Opened model = open(fixture)) {
            Tensor index =
                    new Tensor(
                            "IDX",
                            DataType.INT64,
                            Shape.of(1, 1),
                            allocator.bytes(
                                    (byte) 50, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0,
                                    (byte) 0, (byte) 0));
            StatusException failure = model.ask(List.of(index)).failure();
            assertThat(failure.code()).isEqualTo(StatusCode.INTERNAL);
            assertThat(failure.text())
                    .isEqualTo(
                            "onnx runtime error 2: Non-zero status code returned while running"
                                    + " Gather node. Name:'' Status Message: indices element out of"
                                    + " data bounds, idx=50 must be within the inclusive range"
                                    + " [-3,2]");
        }
    }

    @Test
    void readsScalarsWhereTheModelHasNoBatchDimension() {
        Fixture fixture =
                BackendHarness.place(
                        root,
                        "scalar",
                        MODELS.resolveSibling("completion").resolve("scalar.onnx"),
                        "model.onnx",
                        ENGINE
                                + """
                                input [ { name: "x" data_type: TYPE_FP32 dims: [ 1 ] } ]
                                output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] } ]
                                """);
        try (Opened model = open(fixture);
                RecordingSender answer =
                        model.ask(List.of(allocator.fp32("x", Shape.of(1), 4.5f)))) {
            assertThat(answer.response().outputs().getFirst().shape()).isEqualTo(Shape.of(1));
        }
    }

    @Test
    void reshapesBetweenApiAndModel() {
        Fixture fixture =
                place(
                        "reshape4",
                        """
                        max_batch_size: 4
                        input [ { name: "X" data_type: TYPE_FP32 dims: [ 4 ]
                                  reshape { shape: [ 2, 2 ] } } ]
                        output [ { name: "Y" data_type: TYPE_FP32 dims: [ 4, 1 ]
                                   reshape { shape: [ 2, 2 ] } } ]
                        """);
        try (Opened model = open(fixture);
                RecordingSender answer =
                        model.ask(List.of(allocator.fp32("X", Shape.of(1, 4), 1, 2, 3, 4)))) {
            assertThat(answer.response().outputs().getFirst().shape()).isEqualTo(Shape.of(1, 4, 1));
        }
    }

    @Test
    void classifiesDigits() throws Exception {
        Fixture fixture =
                place(
                        "digits_cnn",
                        """
                        max_batch_size: 20
                        input [ { name: "image" data_type: TYPE_FP32 dims: [ 1, 8, 8 ] } ]
                        output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] } ]
                        """);
        float[] pixels = new float[20 * 64];
        int next = 0;
        for (double[] row : table("digits_test.csv")) {
            for (int i = 1; i < row.length; i++) {
                pixels[next++] = (float) (row[i] / 255);
            }
        }
        try (Opened model = open(fixture);
                RecordingSender answer =
                        model.ask(
                                List.of(allocator.fp32("image", Shape.of(20, 1, 8, 8), pixels)))) {
            MemorySegment found = answer.response().outputs().getFirst().buffer().segment();
            int index = 0;
            for (double[] row : table("digits_expected.csv")) {
                for (double expected : row) {
                    assertThat(found.getAtIndex(ValueLayout.JAVA_FLOAT, index++))
                            .isCloseTo((float) expected, within(1e-4f));
                }
            }
            assertThat(index).isEqualTo(200);
        }
    }

    @Test
    void appliesSessionParameters() {
        Fixture tuned =
                addSub().with(
                                """
                                parameters { key: "intra_op_thread_count" value { string_value: "2" } }
                                parameters { key: "inter_op_thread_count" value { string_value: "2" } }
                                parameters { key: "execution_mode" value { string_value: "1" } }
                                parameters { key: "enable_mem_arena" value { string_value: "0" } }
                                parameters { key: "enable_mem_pattern" value { string_value: "0" } }
                                optimization { graph { level: 2 } }
                                """);
        try (Opened model = open(tuned);
                RecordingSender answer = model.ask(inputs())) {
            assertThat(answer.response().outputs()).hasSize(2);
        }
        Fixture shrinking =
                addSub().with(
                                """
                                parameters {
                                  key: "memory.enable_memory_arena_shrinkage"
                                  value { string_value: "cpu:0" } }
                                """);
        try (Opened model = open(shrinking);
                RecordingSender answer = model.ask(inputs())) {
            assertThat(answer.response().outputs()).hasSize(2);
        }
    }

    @Test
    void refusesParametersThatItCannotHonour() {
        assertRefusedAtLoad(
                "parameters { key: \"execution_mode\" value { string_value: \"7\" } }",
                "Invalid configuration value provided. Expected values for  execution_mode are 0 or"
                        + " 1 but got 7 .");
        assertRefusedAtLoad(
                "parameters { key: \"intra_op_thread_count\" value { string_value: \"many\" } }",
                "unable to load model 'addsub_int32', parameter 'intra_op_thread_count' must be an"
                        + " integer, got 'many'");
        assertRefusedAtLoad(
                "optimization { execution_accelerators { cpu_execution_accelerator { name: \"x\" }"
                        + " } }",
                "unknown Execution Accelerator 'x' is requested");
        assertRefusedAtLoad(
                "optimization { execution_accelerators { cpu_execution_accelerator { name:"
                        + " \"openvino\" } } }",
                "unable to load model 'addsub_int32', Execution Accelerator 'openvino' is not part"
                        + " of this ONNX Runtime; remove it from the model configuration");
    }

    @Test
    void saysWhichFileItMisses() {
        Fixture fixture = addSub().with("default_model_filename: \"other.onnx\"");
        assertThatThrownBy(() -> backend().openModel(fixture.checkedConfig(), fixture.files()))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.INTERNAL))
                .hasMessage("failed to stat file " + fixture.files().modelFile("other.onnx"));
    }

    @Test
    void takesADirectoryForTheFileInside() {
        Fixture inside =
                BackendHarness.place(
                        root,
                        "in_directory",
                        MODELS.resolve("addsub_int32.onnx"),
                        "model.onnx/model.onnx",
                        addSub().config().toString().replaceFirst("name: \"[^\"]*\"", ""));
        try (Opened model = open(inside);
                RecordingSender answer = model.ask(inputs())) {
            assertThat(answer.response().outputs()).hasSize(2);
        }
    }

    @Test
    void reportsABrokenFileAsTheEngineDoes() throws Exception {
        Fixture fixture = addSub();
        Path file = fixture.files().modelFile("model.onnx");
        Files.writeString(file, "no model");
        assertThatThrownBy(() -> backend().openModel(fixture.checkedConfig(), fixture.files()))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "onnx runtime error 7: Load model from "
                                + file
                                + " failed:Protobuf parsing failed.");
    }

    private void assertRefusedAtLoad(String addition, String text) {
        Fixture fixture = addSub().with(addition);
        assertThatThrownBy(
                        () -> backend().openModel(fixture.checkedConfig(), fixture.files()).close())
                .isInstanceOf(StatusException.class)
                .hasMessage(text);
    }

    private static List<Long> longs(Tensor tensor) {
        List<Long> values = new ArrayList<>();
        for (long value : tensor.buffer().segment().toArray(ValueLayout.JAVA_LONG)) {
            values.add(value);
        }
        return values;
    }

    private static List<double[]> table(String name) throws Exception {
        List<double[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(MODELS.resolve(name))) {
            rows.add(Stream.of(line.split(",", -1)).mapToDouble(Double::parseDouble).toArray());
        }
        return rows;
    }
}
