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
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DjlOnnxRuntimeTest extends BackendContractTest {
    private static final String ENGINE = DjlFixtures.engine("OnnxRuntime");

    @Override
    protected Backend newBackend() {
        return new DjlBackend();
    }

    @Override
    protected Fixture addSub() {
        return place("addsub_int32.onnx", DjlFixtures.ADD_SUB);
    }

    @Override
    protected DataType addSubType() {
        return DataType.INT32;
    }

    @Override
    protected Fixture identity(DataType type) {
        return place(
                "identity_" + type.name().toLowerCase(Locale.ROOT) + ".onnx",
                """
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
                DataType.FP16,
                DataType.FP32,
                DataType.FP64,
                DataType.BF16);
    }

    private Fixture place(String fixture, String config) {
        return DjlFixtures.place(root, fixture, ENGINE + config);
    }

    @Test
    void givesTheProbabilitiesOfTheFramework() throws IOException {
        Fixture digits =
                place(
                        "digits_cnn.onnx",
                        """
                        max_batch_size: 32
                        input [ { name: "image" data_type: TYPE_FP32 dims: [ 1, 8, 8 ] } ]
                        output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] } ]
                        """);
        Tensor images = allocator.fp32("image", Shape.of(20, 1, 8, 8), DjlFixtures.pixels());
        try (Opened model = open(digits);
                RecordingSender answer = model.ask(List.of(images))) {
            assertThat(DjlFixtures.floats(answer.response().outputs().getFirst()))
                    .containsExactly(DjlFixtures.probabilities("digits_cnn.onnx"), within(1e-4f));
        }
    }

    @Test
    void readsInputsInPlaceAndCopiesOutputsTwice() {
        try (Opened model = open(addSub());
                RecordingSender answer = model.ask(zeros(1, 1))) {
            assertThat(answer.response().outputs()).hasSize(2);
            assertThat(allocator.copies().copies(CopyMeter.Site.ENGINE_INPUT)).isZero();
            assertThat(allocator.copies().bytes(CopyMeter.Site.ENGINE_OUTPUT))
                    .isEqualTo(2 * 2 * 64);
        }
    }

    @Test
    void copiesNoOutputThatNobodyAsksFor() {
        try (Opened model = open(addSub());
                RecordingSender answer = model.ask(zeros(1, 1), "OUTPUT1")) {
            assertThat(answer.response().outputs()).hasSize(1);
            assertThat(allocator.copies().bytes(CopyMeter.Site.ENGINE_OUTPUT)).isEqualTo(2 * 64);
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

    @Test
    void answersWithAShapeThatTheDataDecide() {
        Fixture nonzero =
                place(
                        "nonzero.onnx",
                        """
                        input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ -1 ] } ]
                        output [ { name: "OUTPUT0" data_type: TYPE_INT64 dims: [ 1, -1 ] } ]
                        """);
        try (Opened model = open(nonzero)) {
            try (RecordingSender answer =
                    model.ask(List.of(allocator.fp32("INPUT0", Shape.of(4), 0, 3, 0, 5)))) {
                Tensor output = answer.response().outputs().getFirst();
                assertThat(output.shape()).isEqualTo(Shape.of(1, 2));
                assertThat(output.buffer().segment().toArray(ValueLayout.JAVA_LONG))
                        .containsExactly(1, 3);
            }
            try (RecordingSender answer =
                    model.ask(List.of(allocator.fp32("INPUT0", Shape.of(2), 0, 0)))) {
                assertThat(answer.response().outputs().getFirst().shape())
                        .isEqualTo(Shape.of(1, 0));
            }
        }
    }

    @Test
    void saysWhichEngineFailedAndWhy() {
        Fixture unbatched =
                place(
                        "addsub_int32.onnx",
                        DjlFixtures.ADD_SUB
                                .replace("max_batch_size: 8", "")
                                .replace("dims: [ 16 ]", "dims: [ -1, 16 ]"));
        try (Opened model = open(unbatched);
                RecordingSender answer = model.ask(zeros(2, 3))) {
            assertThat(answer.failure().code()).isEqualTo(StatusCode.INTERNAL);
            assertThat(answer.failure().text())
                    .startsWith("DJL's engine OnnxRuntime failed on model 'm': Error code");
        }
    }

    @Test
    void refusesTypesThatDjlDoesNotCarryUnchanged() {
        for (DataType type : EnumSet.complementOf(EnumSet.copyOf(types()))) {
            if (type == DataType.INVALID) {
                continue;
            }
            Fixture fixture =
                    place(
                            "identity_uint16.onnx",
                            """
                            input [ { name: "INPUT0" data_type: %1$s dims: [ -1, -1 ] } ]
                            output [ { name: "OUTPUT0" data_type: %1$s dims: [ -1, -1 ] } ]
                            """
                                    .formatted(type.configType()));
            assertRefused(
                    fixture,
                    StatusCode.UNSUPPORTED,
                    "unable to load model 'm', DJL's engine OnnxRuntime cannot carry datatype "
                            + type.configType()
                            + " of input 'INPUT0' unchanged, it carries TYPE_BOOL, TYPE_UINT8,"
                            + " TYPE_INT8, TYPE_INT32, TYPE_INT64, TYPE_FP16, TYPE_FP32, TYPE_FP64,"
                            + " TYPE_BF16");
        }
    }

    @Test
    void completesAnEmptyConfiguration() {
        Fixture empty = place("addsub_int32.onnx", "");

        ModelConfigProto.ModelConfig completed = backend().complete(empty.config(), empty.files());

        Fixture expected =
                empty.with(DjlFixtures.ADD_SUB.replace("8", "4") + "dynamic_batching {}");
        assertThat(completed).isEqualTo(expected.config());
    }

    @Test
    void servesConfigurationsOfTheNativeBackend() {
        Fixture taken =
                DjlFixtures.place(
                        root,
                        "addsub_int32.onnx",
                        "platform: 'onnxruntime_onnx' backend: 'onnxruntime' "
                                + DjlFixtures.ADD_SUB);
        try (Opened model = open(taken);
                RecordingSender answer = model.ask(zeros(1, 1))) {
            assertThat(answer.response().outputs()).hasSize(2);
        }
    }

    @Test
    void takesTheThreadsThatTheParametersName() {
        Fixture threads =
                addSub().with(
                                DjlFixtures.parameter("intra_op_thread_count", "2")
                                        + DjlFixtures.parameter("inter_op_thread_count", "2")
                                        + DjlFixtures.parameter("execution_mode", "1"));
        try (Opened model = open(threads);
                RecordingSender answer = model.ask(zeros(1, 1))) {
            assertThat(answer.response().outputs()).hasSize(2);
        }
        assertRefused(
                addSub().with(DjlFixtures.parameter("execution_mode", "7")),
                StatusCode.INVALID_ARG,
                "Invalid configuration value provided. Expected values for  execution_mode are 0 or"
                        + " 1 but got 7 .");
        assertRefused(
                addSub().with(DjlFixtures.parameter("intra_op_thread_count", "many")),
                StatusCode.INVALID_ARG,
                "unable to load model 'm', parameter 'intra_op_thread_count' must be a number,"
                        + " found 'many'");
    }

    private List<Tensor> zeros(int rows0, int rows1) {
        return List.of(
                allocator.int32("INPUT0", Shape.of(rows0, 16), new int[16 * rows0]),
                allocator.int32("INPUT1", Shape.of(rows1, 16), new int[16 * rows1]));
    }

    private void assertRefused(Fixture fixture, StatusCode code, String text) {
        assertThatThrownBy(
                        () -> backend().openModel(fixture.checkedConfig(), fixture.files()).close())
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessage(text);
    }
}
