package io.nereid.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendContractTest;
import io.nereid.backend.BackendHarness.Fixture;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DjlTensorFlowTest extends BackendContractTest {
    private static final String DIGITS =
            """
            max_batch_size: 32
            input [ { name: "image" data_type: TYPE_FP32 dims: [ 8, 8, 1 ] } ]
            output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] } ]
            """;

    @Override
    protected Backend newBackend() {
        return new DjlBackend();
    }

    @Override
    protected Map<String, String> settings() {
        return DjlFixtures.SETTINGS;
    }

    @Override
    protected Fixture addSub() {
        return place("addsub_int32.savedmodel", DjlFixtures.ADD_SUB);
    }

    @Override
    protected DataType addSubType() {
        return DataType.INT32;
    }

    @Override
    protected Fixture identity(DataType type) {
        return place(
                "identity_all.savedmodel",
                signature("identity_" + type.name().toLowerCase(Locale.ROOT))
                        + """
                        max_batch_size: 8
                        input [ { name: "INPUT0" data_type: %1$s dims: [ -1 ] } ]
                        output [ { name: "OUTPUT0" data_type: %1$s dims: [ -1 ] } ]
                        """
                                .formatted(type.configType()));
    }

    @Override
    protected Set<DataType> types() {
        return EnumSet.of(
                DataType.BOOL,
                DataType.UINT8,
                DataType.INT8,
                DataType.INT32,
                DataType.INT64,
                DataType.FP32,
                DataType.FP64,
                DataType.BYTES);
    }

    private Fixture place(String fixture, String config) {
        return DjlFixtures.place(root, fixture, DjlFixtures.engine("tensorflow") + config);
    }

    private static String signature(String name) {
        return DjlFixtures.parameter("TF_SIGNATURE_DEF", name);
    }

    @Test
    void givesTheProbabilitiesOfTheFramework() throws IOException {
        Tensor images = allocator.fp32("image", Shape.of(20, 8, 8, 1), DjlFixtures.pixels());
        try (Opened model = open(place("digits_cnn.savedmodel", DIGITS));
                RecordingSender answer = model.ask(List.of(images))) {
            assertThat(DjlFixtures.floats(answer.response().outputs().getFirst()))
                    .containsExactly(
                            DjlFixtures.probabilities("digits_cnn.savedmodel"), within(1e-4f));
            assertThat(allocator.copies().bytes(CopyMeter.Site.ENGINE_INPUT))
                    .isEqualTo(20 * 64 * 4);
        }
    }

    @Test
    void carriesBytesThatAreNoText() {
        byte[] element = {3, 0, 0, 0, (byte) 0xff, 0, (byte) 0x80};
        Tensor input =
                new Tensor("INPUT0", DataType.BYTES, Shape.of(1, 1), allocator.bytes(element));
        try (Opened model = open(identity(DataType.BYTES));
                RecordingSender answer = model.ask(List.of(input))) {
            assertThat(outputs(answer.response()).get("OUTPUT0")).isEqualTo(element);
        }
    }

    @Test
    void takesTheSignatureThatTheParameterNames() {
        Fixture png =
                place(
                        "digits_cnn.savedmodel",
                        signature("png")
                                + """
                                max_batch_size: 4
                                input [ { name: "png" data_type: TYPE_STRING dims: [ 1 ]
                                          reshape { shape: [] } } ]
                                output [ { name: "label" data_type: TYPE_STRING dims: [ 1 ]
                                           reshape { shape: [] } } ]
                                """);
        try (Opened model = open(png);
                RecordingSender answer =
                        model.ask(List.of(allocator.texts("png", Shape.of(1, 1), "no picture")))) {
            assertThat(answer.failure().text())
                    .startsWith("DJL's engine TensorFlow failed on model 'm': ");
        }
    }

    @Test
    void refusesASignatureThatIsNotThere() {
        assertRefused(
                place("digits_cnn.savedmodel", signature("absent") + DIGITS),
                StatusCode.INTERNAL,
                "unable to load model 'm', expected 'absent' signature");
    }

    @Test
    void refusesATagThatIsNotThere() {
        assertRefused(
                place(
                        "digits_cnn.savedmodel",
                        DjlFixtures.parameter("TF_GRAPH_TAG", "train") + DIGITS),
                StatusCode.INTERNAL,
                "unable to load model 'm', expected 'train' tag");
    }

    @Test
    void refusesAFrozenGraph() {
        Fixture graph =
                DjlFixtures.place(
                        root,
                        "addsub_int32.graphdef",
                        "backend: 'tensorflow' platform: 'tensorflow_graphdef' "
                                + DjlFixtures.ADD_SUB);
        assertRefused(
                graph,
                StatusCode.UNSUPPORTED,
                "unable to load model 'm', DJL's engine TensorFlow reads SavedModel directories"
                        + " only, not a frozen GraphDef; the backend 'tensorflow' without engine=djl"
                        + " does");
    }

    @Test
    void refusesTypesThatDjlDoesNotCarryUnchanged() {
        for (DataType type : EnumSet.of(DataType.FP16, DataType.BF16, DataType.UINT64)) {
            assertRefused(
                    identity(type),
                    StatusCode.UNSUPPORTED,
                    "unable to load model 'm', DJL's engine TensorFlow cannot carry datatype "
                            + type.configType()
                            + " of input 'INPUT0' unchanged, it carries TYPE_BOOL, TYPE_UINT8,"
                            + " TYPE_INT8, TYPE_INT32, TYPE_INT64, TYPE_FP32, TYPE_FP64,"
                            + " TYPE_STRING");
        }
    }

    @Test
    void refusesInputsThatTheConfigurationLeavesOut() {
        assertRefused(
                place(
                        "addsub_int32.savedmodel",
                        DjlFixtures.ADD_SUB.replace(
                                "{ name: \"INPUT0\" data_type: TYPE_INT32 dims: [ 16 ] },", "")),
                StatusCode.INVALID_ARG,
                "unable to load model 'm', configuration expects 1 inputs, model provides 2");
    }

    @Test
    void completesAnEmptyConfiguration() {
        Fixture empty = place("addsub_int32.savedmodel", "");

        ModelConfigProto.ModelConfig completed = backend().complete(empty.config(), empty.files());

        Fixture expected =
                empty.with(DjlFixtures.ADD_SUB.replace("8", "4") + "dynamic_batching {}");
        assertThat(completed).isEqualTo(expected.config());
    }

    @Test
    void takesTheThreadsThatTheParametersName() {
        Fixture threads = addSub().with(DjlFixtures.parameter("TF_NUM_INTRA_THREADS", "1"));
        try (Opened model = open(threads);
                RecordingSender answer =
                        model.ask(
                                List.of(
                                        allocator.int32("INPUT0", Shape.of(1, 16), new int[16]),
                                        allocator.int32("INPUT1", Shape.of(1, 16), new int[16])))) {
            assertThat(answer.response().outputs()).hasSize(2);
        }
        assertRefused(
                addSub().with(DjlFixtures.parameter("TF_NUM_INTER_THREADS", "-1")),
                StatusCode.INVALID_ARG,
                "parameter 'TF_NUM_INTER_THREADS' must be non-negative number for TensorFlow model"
                        + " 'm'");
    }

    private void assertRefused(Fixture fixture, StatusCode code, String text) {
        assertThatThrownBy(
                        () -> backend().openModel(fixture.checkedConfig(), fixture.files()).close())
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessage(text);
    }
}
