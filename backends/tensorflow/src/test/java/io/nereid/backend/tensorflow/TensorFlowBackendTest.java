package io.nereid.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendContractTest;
import io.nereid.backend.BackendHarness;
import io.nereid.backend.BackendHarness.Fixture;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TensorFlowBackendTest extends BackendContractTest {
    private static final String ENGINE = "backend: \"tensorflow\" ";
    private static final Path MODELS = Path.of("src", "test", "resources", "models");
    private static final String DIGITS =
            """
            platform: "tensorflow_savedmodel"
            max_batch_size: 20
            input [ { name: "image" data_type: TYPE_FP32 dims: [ 8, 8, 1 ] } ]
            output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] } ]
            """;

    @Override
    protected Backend newBackend() {
        return new TensorFlowBackend();
    }

    @Override
    protected Fixture addSub() {
        return graphDef(
                "addsub_int32",
                """
                platform: "tensorflow_graphdef"
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
        return savedModel(
                "identity_all",
                """
                platform: "tensorflow_savedmodel"
                max_batch_size: 8
                input [ { name: "INPUT0" data_type: %1$s dims: [ -1 ] } ]
                output [ { name: "OUTPUT0" data_type: %1$s dims: [ -1 ] } ]
                parameters {
                  key: "TF_SIGNATURE_DEF" value { string_value: "identity_%2$s" } }
                """
                        .formatted(type.configType(), type.name().toLowerCase(Locale.ROOT)));
    }

    @Override
    protected Set<DataType> types() {
        return EnumSet.complementOf(EnumSet.of(DataType.INVALID));
    }

    private Fixture graphDef(String model, String config) {
        return BackendHarness.place(
                root,
                model,
                MODELS.resolve(model + ".graphdef"),
                "model.graphdef",
                ENGINE + config);
    }

    private Fixture savedModel(String model, String config) {
        return BackendHarness.place(
                root,
                model,
                MODELS.resolve(model + ".savedmodel"),
                "model.savedmodel",
                ENGINE + config);
    }

    @Test
    void readsInputsAndHandsOutputsOnWithoutACopy() {
        try (Opened model = open(identity(DataType.FP32));
                RecordingSender answer =
                        model.ask(List.of(allocator.fp32("INPUT0", Shape.of(1, 2), 1, 2)))) {
            assertThat(answer.response().outputs()).hasSize(1);
            for (CopyMeter.Site site : CopyMeter.Site.values()) {
                assertThat(allocator.copies().copies(site)).as("%s", site).isZero();
            }
        }
    }

    @Test
    void copiesAnInputWhoseAddressDoesNotSuitTheEngine() {
        TensorBuffer block = allocator.bytes(new byte[1 + 8]);
        block.segment().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 1, 4.5f);
        TensorBuffer odd = block.slice(1, 8);
        block.close();
        try (Opened model = open(identity(DataType.FP32));
                RecordingSender answer =
                        model.ask(
                                List.of(
                                        new Tensor(
                                                "INPUT0", DataType.FP32, Shape.of(1, 2), odd)))) {
            assertThat(
                            answer.response()
                                    .outputs()
                                    .getFirst()
                                    .buffer()
                                    .segment()
                                    .get(ValueLayout.JAVA_FLOAT, 0))
                    .isEqualTo(4.5f);
            assertThat(allocator.copies().copies(CopyMeter.Site.ENGINE_INPUT)).isEqualTo(1);
        }
    }

    // The engine hands the request's own memory through as the identity's output.
    @Test
    void keepsTheRequestsMemoryAsLongAsAnAnswerLiesInIt() {
        try (Opened model = open(identity(DataType.FP32))) {
            RecordingSender answer =
                    model.ask(List.of(allocator.fp32("INPUT0", Shape.of(1, 2), 7, 8)));
            assertThat(allocator.openBlocks()).isEqualTo(1);
            MemorySegment bytes = answer.response().outputs().getFirst().buffer().segment();
            assertThat(bytes.getAtIndex(ValueLayout.JAVA_FLOAT, 1)).isEqualTo(8);
            answer.close();
            assertThat(allocator.openBlocks()).isZero();
        }
    }

    @Test
    void classifiesDigitsAsASavedModel() throws Exception {
        assertClassifiesDigits(savedModel("digits_cnn", DIGITS), "probabilities");
    }

    @Test
    void classifiesDigitsAsAGraphDef() throws Exception {
        String config =
                DIGITS.replace("tensorflow_savedmodel", "tensorflow_graphdef")
                        .replace("probabilities", "Identity:0");
        assertClassifiesDigits(graphDef("digits_cnn", config), "Identity:0");
    }

    private void assertClassifiesDigits(Fixture fixture, String output) throws Exception {
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
                                List.of(allocator.fp32("image", Shape.of(20, 8, 8, 1), pixels)))) {
            assertThat(answer.response().outputs().getFirst().name()).isEqualTo(output);
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
    void readsPicturesAsBytesAndAnswersWithText() throws Exception {
        Fixture fixture =
                savedModel(
                        "digits_cnn",
                        """
                        platform: "tensorflow_savedmodel"
                        max_batch_size: 4
                        input [ { name: "png" data_type: TYPE_STRING dims: [ 1 ]
                                  reshape { shape: [ ] } } ]
                        output [ { name: "label" data_type: TYPE_STRING dims: [ 1 ]
                                   reshape { shape: [ ] } } ]
                        parameters { key: "TF_SIGNATURE_DEF" value { string_value: "png" } }
                        """);
        try (Opened model = open(fixture);
                RecordingSender answer =
                        model.ask(List.of(files("png", "digit_3_0.png", "digit_7_1.png")))) {
            Tensor label = answer.response().outputs().getFirst();
            assertThat(label.shape()).isEqualTo(Shape.of(2, 1));
            assertThat(label.buffer().segment().toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(1, 0, 0, 0, '3', 1, 0, 0, 0, '7');
        }
    }

    private Tensor files(String name, String... files) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        int size = 0;
        for (String file : files) {
            byte[] content = Files.readAllBytes(MODELS.resolve(file));
            contents.add(content);
            size += Integer.BYTES + content.length;
        }
        TensorBuffer buffer = allocator.allocate(size);
        long offset = 0;
        for (byte[] content : contents) {
            buffer.segment().set(ValueLayout.JAVA_INT_UNALIGNED, offset, content.length);
            MemorySegment.copy(
                    content,
                    0,
                    buffer.segment(),
                    ValueLayout.JAVA_BYTE,
                    offset + Integer.BYTES,
                    content.length);
            offset += Integer.BYTES + content.length;
        }
        return new Tensor(name, DataType.BYTES, Shape.of(files.length, 1), buffer);
    }

    @Test
    void reportsAFailingRunWithTheEnginesText() {
        Fixture fixture =
                savedModel(
                        "digits_cnn",
                        """
                        platform: "tensorflow_savedmodel"
                        max_batch_size: 4
                        input [ { name: "png" data_type: TYPE_STRING dims: [ 1 ]
                                  reshape { shape: [ ] } } ]
                        output [ { name: "label" data_type: TYPE_STRING dims: [ 1 ]
                                   reshape { shape: [ ] } } ]
                        parameters { key: "TF_SIGNATURE_DEF" value { string_value: "png" } }
                        """);
        try (Opened model = open(fixture)) {
            StatusException failure =
                    model.ask(List.of(allocator.texts("png", Shape.of(1, 1), "no picture")))
                            .failure();
            assertThat(failure.code()).isEqualTo(StatusCode.INTERNAL);
            assertThat(failure.text()).contains("PNG");
        }
    }

    @Test
    void takesThreadsFromTheParameters() throws Exception {
        Fixture fixture =
                savedModel("digits_cnn", DIGITS)
                        .with(
                                """
                                parameters { key: "TF_NUM_INTRA_THREADS" value { string_value: "2" } }
                                parameters { key: "TF_NUM_INTER_THREADS" value { string_value: "2" } }
                                """);
        assertClassifiesDigits(fixture, "probabilities");
    }

    @Test
    void refusesParametersThatItCannotHonour() {
        assertRefused(
                "TF_NUM_INTRA_THREADS",
                "-1",
                "parameter 'TF_NUM_INTRA_THREADS' must be non-negative number for TensorFlow model"
                        + " 'digits_cnn'");
        assertRefused(
                "MAX_SESSION_SHARE_COUNT",
                "0",
                "parameter 'MAX_SESSION_SHARE_COUNT' must be positive number for TensorFlow model"
                        + " 'digits_cnn'");
        assertRefused(
                "TF_GRAPH_TAG",
                "nowhere",
                "unable to load model 'digits_cnn', expected 'nowhere' tag");
        assertRefused(
                "TF_SIGNATURE_DEF",
                "nothing",
                "unable to load model 'digits_cnn', expected 'nothing' signature");
    }

    private void assertRefused(String parameter, String value, String text) {
        Fixture fixture =
                savedModel("digits_cnn", DIGITS)
                        .with(
                                "parameters { key: \"%s\" value { string_value: \"%s\" } }"
                                        .formatted(parameter, value));
        assertThatThrownBy(
                        () -> backend().openModel(fixture.checkedConfig(), fixture.files()).close())
                .isInstanceOf(StatusException.class)
                .hasMessage(text);
    }

    @Test
    void refusesAnotherPlatform() {
        Fixture fixture = savedModel("digits_cnn", DIGITS.replace("savedmodel", "other"));
        assertThatThrownBy(() -> backend().complete(fixture.config(), fixture.files()))
                .hasMessage(
                        "platform tensorflow_other not supported for TensorFlow model"
                                + " 'digits_cnn'");
    }

    @Test
    void completesASavedModelAndLeavesAGraphDefAlone() {
        Fixture bare = savedModel("digits_cnn", "platform: \"tensorflow_savedmodel\"");
        ModelConfigProto.ModelConfig completed = backend().complete(bare.config(), bare.files());
        assertThat(completed.getMaxBatchSize()).isEqualTo(4);
        assertThat(completed.getInput(0).getName()).isEqualTo("image");
        assertThat(completed.getInput(0).getDimsList()).containsExactly(8L, 8L, 1L);
        assertThat(completed.getOutput(0).getName()).isEqualTo("probabilities");
        assertThat(completed.getOutput(0).getDimsList()).containsExactly(10L);
        Fixture graph = addSub();
        assertThat(backend().complete(graph.config(), graph.files())).isEqualTo(graph.config());
    }

    @Test
    void saysThatAModelCouldNotBeLoadedToBeCompleted() throws Exception {
        Fixture broken = savedModel("digits_cnn", "platform: \"tensorflow_savedmodel\"");
        Files.writeString(
                broken.files().modelFile("model.savedmodel").resolve("saved_model.pb"), "none");
        assertThatThrownBy(() -> backend().complete(broken.config(), broken.files()))
                .isInstanceOf(StatusException.class)
                .hasMessageStartingWith(
                        "unable to auto-complete model configuration for 'digits_cnn', failed to"
                                + " load model: ");
    }

    @Test
    void refusesMoreInputsThanAGraphDefHas() {
        Fixture fixture =
                addSub().with(
                                "batch_input { kind: BATCH_ELEMENT_COUNT target_name: \"N\""
                                        + " data_type: TYPE_INT32 source_input: \"INPUT0\" }");
        assertThatThrownBy(() -> backend().openModel(fixture.checkedConfig(), fixture.files()))
                .hasMessage(
                        "unable to load model 'addsub_int32', configuration expects 3 inputs, model"
                                + " provides at most 2");
    }

    private static List<double[]> table(String name) throws IOException {
        List<double[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(MODELS.resolve(name))) {
            rows.add(Stream.of(line.split(",", -1)).mapToDouble(Double::parseDouble).toArray());
        }
        return rows;
    }
}
