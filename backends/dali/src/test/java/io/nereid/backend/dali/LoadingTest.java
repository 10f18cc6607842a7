package io.nereid.backend.dali;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendHarness;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Finding pipelines, completing configurations and comparing both. */
class LoadingTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @TempDir Path root;

    private DaliBackend backend = new DaliBackend(Map.of());

    @BeforeEach
    void openBackend() {
        backend = OpenedModel.backend(root, allocator);
    }

    @AfterEach
    void closeBackend() {
        backend.close();
    }

    private ModelConfigProto.ModelConfig complete(byte[] file, String config) {
        BackendHarness.Fixture fixture = OpenedModel.place(root, file, config);
        return backend.complete(fixture.config(), fixture.files());
    }

    private void assertRefused(byte[] file, String config, String text) {
        BackendHarness.Fixture fixture = OpenedModel.place(root, file, config);
        ModelConfig checked = fixture.checkedConfig();
        assertThatThrownBy(() -> backend.openModel(checked, fixture.files()))
                .isInstanceOf(StatusException.class)
                .hasMessage(text);
    }

    private static byte[] declared() {
        PipelineText text = new PipelineText();
        text.op("ExternalSource", "B", "").arg("dtype", 9).arg("ndim", 1).out("B");
        text.op("ExternalSource", "A", "").arg("dtype", 0).arg("layout", "HWC").out("A");
        text.output("A").output("B");
        text.definition().getPipeOutputsBuilder(0).setDtype(0).setNdim(3);
        text.definition().getPipeOutputsBuilder(1).setDtype(9).setNdim(1);
        return text.bytes();
    }

    @Test
    void isFoundByItsName() {
        assertThat(ServiceLoader.load(Backend.class)).extracting(Backend::name).contains("dali");
        assertThat(backend.acceptsAnyDevice()).isTrue();
    }

    @Test
    void fillsInEverythingThatTheFileDeclares() {
        ModelConfigProto.ModelConfig completed = complete(declared(), "backend: \"dali\"");
        assertThat(completed.getMaxBatchSize()).isEqualTo(4);
        assertThat(completed.hasDynamicBatching()).isTrue();
        assertThat(completed.getInputList())
                .extracting(ModelConfigProto.ModelInput::getName)
                .containsExactly("A", "B");
        assertThat(completed.getInput(0).getDimsList()).containsExactly(-1L, -1L, -1L);
        assertThat(completed.getInput(0).getDataType())
                .isEqualTo(ModelConfigProto.DataType.TYPE_UINT8);
        assertThat(completed.getInput(1).getAllowRaggedBatch()).isTrue();
        assertThat(completed.getOutput(1).getName()).isEqualTo("B");
        assertThat(completed.getOutput(1).getDataType())
                .isEqualTo(ModelConfigProto.DataType.TYPE_FP32);
    }

    @Test
    void keepsWhatTheConfigurationSays() {
        ModelConfigProto.ModelConfig completed =
                complete(
                        declared(),
                        """
                        max_batch_size: 16
                        input [ { name: "B" data_type: TYPE_FP32 dims: [ 7 ] } ]
                        output [ { name: "FIRST" } ]
                        dynamic_batching { preferred_batch_size: [ 8 ] }
                        """);
        assertThat(completed.getMaxBatchSize()).isEqualTo(16);
        assertThat(completed.getDynamicBatching().getPreferredBatchSizeList()).containsExactly(8);
        assertThat(completed.getInputList())
                .extracting(ModelConfigProto.ModelInput::getName)
                .containsExactly("B", "A");
        assertThat(completed.getInput(0).getDimsList()).containsExactly(7L);
        assertThat(completed.getOutputList())
                .extracting(ModelConfigProto.ModelOutput::getName)
                .containsExactly("FIRST", "B");
        assertThat(completed.getOutput(0).getDataType())
                .isEqualTo(ModelConfigProto.DataType.TYPE_UINT8);
    }

    @Test
    void tellsAnExplicitZeroFromNoBatchSizeAtAll() throws IOException {
        BackendHarness.Fixture fixture = OpenedModel.place(root, declared(), "");
        Path config = fixture.files().modelDirectory().resolve("config.pbtxt");
        Files.writeString(config, "max_batch_size: 0 # not 8");
        ModelConfigProto.ModelConfig unbatched =
                backend.complete(fixture.config(), fixture.files());
        assertThat(unbatched.getMaxBatchSize()).isZero();
        assertThat(unbatched.hasDynamicBatching()).isFalse();
        assertThat(unbatched.getInput(1).getDimsList()).containsExactly(-1L, -1L);
        Files.writeString(config, "# max_batch_size: 0\nbackend: \"dali\"");
        assertThat(backend.complete(fixture.config(), fixture.files()).getMaxBatchSize())
                .isEqualTo(4);
    }

    @Test
    void refusesConfigurationsThatDisagreeWithTheFile() {
        String inputs =
                "input [ { name: \"A\" data_type: TYPE_UINT8 dims: [ -1, -1, 3 ] },"
                        + " { name: \"B\" data_type: TYPE_FP32 dims: [ -1 ] } ] ";
        String outputs =
                "output [ { name: \"X\" data_type: TYPE_UINT8 dims: [ -1, -1, 3 ] },"
                        + " { name: \"Y\" data_type: TYPE_FP32 dims: [ -1 ] } ] ";
        String batch = "backend: \"dali\" max_batch_size: 8 ";
        assertRefused(
                declared(),
                batch + inputs.replace("[ -1 ]", "[ -1, 2 ]") + outputs,
                "Mismatch in number of dimensions for \"B\"\nNumber of dimensions defined in config: 2\n"
                        + "Number of dimensions defined in pipeline: 1");
        assertRefused(
                declared(),
                "backend: \"dali\" max_batch_size: 0 " + inputs + outputs,
                "Mismatch in number of dimensions for \"B\"\nNumber of dimensions defined in config: 1\n"
                        + "Number of dimensions defined in pipeline: 2");
        assertRefused(
                declared(),
                batch + inputs.replace("TYPE_FP32", "TYPE_INT8") + outputs,
                "Mismatch of data_type config for \"B\".\nData type defined in config: TYPE_INT8\n"
                        + "Data type defined in pipeline: TYPE_FP32");
        assertRefused(
                declared(),
                batch + inputs.replace("\"B\"", "\"C\"") + outputs,
                "Missing config for \"B\" input.");
        assertRefused(
                declared(),
                batch + inputs + "input { name: \"C\" data_type: TYPE_INT8 dims: 1 } " + outputs,
                "Configuration file contains config for C but such input is not present in the"
                        + " pipeline.");
        assertRefused(
                declared(),
                batch + inputs + "output { name: \"X\" data_type: TYPE_UINT8 dims: [ -1, -1, 3 ] }",
                "The number of outputs specified in the DALI pipeline and the configuration file do"
                        + " not match.\nModel config outputs: 1\nPipeline outputs: 2");
        assertRefused(declared(), batch + outputs, "Missing inputs config.");
        assertRefused(declared(), batch + inputs, "Missing outputs config.");
        assertRefused(
                declared(),
                batch
                        + inputs
                        + outputs
                        + "parameters { key: \"num_threads\" value { string_value: \"many\" } }",
                "parameter 'num_threads' must be a positive number or -1, found 'many'");
        assertRefused(
                declared(),
                batch
                        + inputs
                        + outputs
                        + "parameters { key: \"split_along_outer_axis\" value { string_value: \"Q\" } }",
                "parameter 'split_along_outer_axis' names the unknown output 'Q'");
    }

    @Test
    void tellsHowToSerializeWhatIsNoPipeline() {
        byte[] python = "import nvidia.dali".getBytes(StandardCharsets.UTF_8);
        BackendHarness.Fixture fixture = OpenedModel.place(root, python, "");
        Path file = fixture.files().modelFile("model.dali");
        String text =
                "Failed to load model file. The program looked in the following locations: "
                        + file
                        + ", "
                        + file.resolveSibling("dali.py")
                        + ". Please make sure that the model exists in any of the locations and is"
                        + " properly serialized or can be properly serialized.";
        assertThatThrownBy(() -> backend.complete(fixture.config(), fixture.files()))
                .isInstanceOf(StatusException.class)
                .hasMessageStartingWith(text)
                .hasMessageContaining("pipe().serialize(filename=\"model.dali\")");
        ModelConfigProto.ModelConfig elsewhere =
                fixture.config().toBuilder().setDefaultModelFilename("other.dali").build();
        assertThatThrownBy(() -> backend.complete(elsewhere, fixture.files()))
                .hasMessageContaining("other.dali");
        ModelConfigProto.ModelConfig outside =
                fixture.config().toBuilder().setDefaultModelFilename("../x").build();
        assertThatThrownBy(() -> backend.complete(outside, fixture.files()))
                .hasMessageContaining("may only contain letters, digits");
    }

    @Test
    void namesFileAndOperatorThatCannotBeExecuted() {
        byte[] file = PipelineText.withInput("A").op("VideoReader", "v", "A").out("V").bytes();
        BackendHarness.Fixture fixture = OpenedModel.place(root, file, "");
        assertThatThrownBy(() -> backend.complete(fixture.config(), fixture.files()))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "Failed to load pipeline "
                                + fixture.files().modelFile("model.dali")
                                + ": operator 'v' (VideoReader): Schema for operator 'VideoReader' not"
                                + " registered");
    }

    @Test
    void takesLimitsFromSettingsThenFromTheEnvironment() {
        Map<String, String> environment =
                Map.of("DALI_MAX_IMAGE_SIZE", "5000", "DALI_MAX_JPEG_SCANS", "7");
        assertThat(DaliSettings.of(Map.of(), environment).limits().maxBytes()).isEqualTo(5000);
        assertThat(DaliSettings.of(Map.of(), environment).limits().maxScans()).isEqualTo(7);
        assertThat(DaliSettings.of(Map.of("max-image-size", "9"), environment).limits().maxBytes())
                .isEqualTo(9);
        DaliBackend wrong = new DaliBackend(Map.of());
        assertThatThrownBy(() ->
                        wrong.open(
                                new BackendEnvironment(
                                        root, Map.of("max-image-size", "-1"), allocator, 1)))
                .hasMessageContaining("'max-image-size'")
                .hasMessageContaining("found '-1'");
    }
}
