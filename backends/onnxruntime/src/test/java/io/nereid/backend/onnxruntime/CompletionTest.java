package io.nereid.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendHarness;
import io.nereid.backend.BackendHarness.Fixture;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is filled in, and what is refused, for graphs of each kind. */
final class CompletionTest {
    private static final Path GRAPHS = Path.of("src", "test", "resources", "completion");

    @RegisterExtension private final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @TempDir private Path root;

    @Test
    void listsAGraphWithFixedShapesAsItIs() throws Exception {
        assertCompleted(
                "fix",
                "",
                """
                input { name: "x" data_type: TYPE_FP32 dims: [ 2, 3 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ 2, 3 ] }
                """);
    }

    @Test
    void batchesWhereEveryFirstExtentIsVariable() throws Exception {
        assertCompleted(
                "dyn2",
                "",
                """
                max_batch_size: 4
                input { name: "x" data_type: TYPE_FP32 dims: [ -1 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ -1 ] }
                dynamic_batching { }
                """);
    }

    @Test
    void givesScalarsOneDimension() throws Exception {
        assertCompleted(
                "scalar",
                "",
                """
                input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }
                """);
    }

    @Test
    void reshapesWhatHasNothingButTheBatchDimension() throws Exception {
        assertCompleted(
                "vec",
                "",
                """
                max_batch_size: 4
                input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] reshape { } }
                output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] reshape { } }
                dynamic_batching { }
                """);
    }

    @Test
    void keepsTheOrderOfTheGraph() throws Exception {
        ModelConfigProto.ModelConfig completed = complete("two", "", Map.of());
        assertThat(completed.getInputList())
                .extracting(ModelConfigProto.ModelInput::getName)
                .containsExactly("a", "b");
        assertThat(completed.getOutputList())
                .extracting(ModelConfigProto.ModelOutput::getName)
                .containsExactly("s", "d");
    }

    @Test
    void doesNotBatchIfAnOutputDoesNot() throws Exception {
        assertCompleted(
                "unused_out_batch",
                "",
                """
                input { name: "x" data_type: TYPE_FP32 dims: [ -1, 3 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
                """);
    }

    @Test
    void namesEveryElementType() throws Exception {
        assertThat(complete("allt", "", Map.of()).getInputList())
                .extracting(ModelConfigProto.ModelInput::getDataType)
                .containsExactlyInAnyOrder(
                        ModelConfigProto.DataType.TYPE_FP64,
                        ModelConfigProto.DataType.TYPE_FP16,
                        ModelConfigProto.DataType.TYPE_BOOL,
                        ModelConfigProto.DataType.TYPE_UINT8);
        assertThat(complete("bf16", "", Map.of()).getInput(0).getDataType())
                .isEqualTo(ModelConfigProto.DataType.TYPE_BF16);
        assertThat(complete("str", "", Map.of()).getInput(0).getDataType())
                .isEqualTo(ModelConfigProto.DataType.TYPE_STRING);
    }

    @Test
    void keepsWhatIsConfigured() throws Exception {
        assertCompleted(
                "dyn",
                """
                max_batch_size: 8
                input { name: "x" data_type: TYPE_FP32 dims: [ 3 ] }
                sequence_batching { }
                """,
                """
                max_batch_size: 8
                input { name: "x" data_type: TYPE_FP32 dims: [ 3 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
                sequence_batching { }
                """);
    }

    @Test
    void addsNoBatcherForABatchOfOne() throws Exception {
        assertCompleted(
                "dyn",
                "max_batch_size: 1",
                """
                max_batch_size: 1
                input { name: "x" data_type: TYPE_FP32 dims: [ 3 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
                """);
    }

    @Test
    void leavesAConfigurationWithInputsAndOutputsAlone() throws Exception {
        String whole =
                """
                input { name: "x" data_type: TYPE_FP32 dims: [ 3 ] }
                output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
                """;
        assertCompleted("dyn", whole, whole);
    }

    @Test
    void takesTheBatchSizeFromTheSettings() throws Exception {
        Map<String, String> sixteen = Map.of("default-max-batch-size", "16");
        assertThat(complete("dyn", "", sixteen).getMaxBatchSize()).isEqualTo(16);
        assertThat(complete("dyn", "", Map.of("default-max-batch-size", "0")))
                .satisfies(config -> assertThat(config.getMaxBatchSize()).isZero())
                .satisfies(config -> assertThat(config.getInput(0).getDimsList()).hasSize(2))
                .satisfies(config -> assertThat(config.hasDynamicBatching()).isFalse());
        assertThatThrownBy(() -> complete("dyn", "", Map.of("default-max-batch-size", "x")))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining("default-max-batch-size");
    }

    @Test
    void refusesToBatchAGraphThatCannot() {
        assertThatThrownBy(() -> complete("fix", "max_batch_size: 8", Map.of()))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "autofill failed for model 'fix': model does not support batching while"
                                + " non-zero max_batch_size is specified");
    }

    private void assertCompleted(String graph, String config, String expected) throws Exception {
        ModelConfigProto.ModelConfig.Builder wanted =
                ModelConfigProto.ModelConfig.newBuilder().setName(graph);
        TextFormat.merge(expected, wanted);
        assertThat(complete(graph, config, Map.of())).isEqualTo(wanted.build());
    }

    private ModelConfigProto.ModelConfig complete(
            String graph, String config, Map<String, String> settings) {
        Fixture fixture =
                BackendHarness.place(
                        root, graph, GRAPHS.resolve(graph + ".onnx"), "model.onnx", config);
        try (OnnxRuntimeBackend backend = new OnnxRuntimeBackend()) {
            backend.open(
                    new BackendEnvironment(
                            Path.of("target", "backend").toAbsolutePath(), settings, allocator, 2));
            return backend.complete(fixture.config(), fixture.files());
        }
    }
}
