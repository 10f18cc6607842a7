package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every rule of model-config section 12. */
class BackendDetectionTest {
    @TempDir Path version;

    private ModelConfigProto.ModelConfig detect(String config, String name)
            throws TextFormat.ParseException {
        return BackendDetection.complete(
                TextFormat.parse(config, ModelConfigProto.ModelConfig.class),
                name,
                Optional.of(version));
    }

    private void create(String entry) throws IOException {
        if (entry.endsWith("/")) {
            Files.createDirectories(version.resolve(entry));
        } else {
            Files.writeString(version.resolve(entry), "");
        }
    }

    private static void assertDetected(
            ModelConfigProto.ModelConfig config, String backend, String platform, String file) {
        assertThat(config.getBackend()).isEqualTo(backend);
        assertThat(config.getPlatform()).isEqualTo(platform);
        assertThat(config.getDefaultModelFilename()).isEqualTo(file);
    }

    @ParameterizedTest
    @CsvSource({
        "model.savedmodel/, tensorflow, tensorflow_savedmodel, model.savedmodel",
        "model.graphdef, tensorflow, tensorflow_graphdef, model.graphdef",
        "model.plan, tensorrt, tensorrt_plan, model.plan",
        "model.onnx, onnxruntime, onnxruntime_onnx, model.onnx",
        "model.onnx/, onnxruntime, onnxruntime_onnx, model.onnx",
        "model.xml, openvino, '', model.xml",
        "model.pt, pytorch, pytorch_libtorch, ''",
        "model.pt2, pytorch, torch_aoti, ''",
        "model.py, python, '', model.py",
    })
    void tellsTheBackendByTheFile(String entry, String backend, String platform, String file)
            throws Exception {
        create(entry);

        ModelConfigProto.ModelConfig config = detect("", "m");

        assertDetected(config, backend, platform, file);
        assertThat(config.getName()).isEqualTo("m");
    }

    @ParameterizedTest
    @CsvSource({
        "platform: 'tensorflow_savedmodel', tensorflow, tensorflow_savedmodel, model.savedmodel",
        "default_model_filename: 'model.graphdef', tensorflow, tensorflow_graphdef, model.graphdef",
        "backend: 'tensorflow' default_model_filename: 'net', tensorflow, '', net",
        "platform: 'tensorrt_plan', tensorrt, tensorrt_plan, model.plan",
        "platform: 'tensorrt_plan' backend: 'onnxruntime', onnxruntime, tensorrt_plan, model.onnx",
        "backend: 'onnxruntime', onnxruntime, onnxruntime_onnx, model.onnx",
        "platform: 'onnxruntime_onnx', onnxruntime, onnxruntime_onnx, model.onnx",
        "default_model_filename: 'model.onnx', onnxruntime, onnxruntime_onnx, model.onnx",
        "backend: 'onnxruntime' default_model_filename: 'n', onnxruntime, onnxruntime_onnx, n",
        "default_model_filename: 'net.onnx', '', '', net.onnx",
        "backend: 'openvino', openvino, '', model.xml",
        "backend: 'pytorch', pytorch, pytorch_libtorch, model.pt",
        "platform: 'libtorch', pytorch, libtorch, model.pt",
        "platform: 'torch_aoti', pytorch, torch_aoti, model.pt2",
        "backend: 'python', python, '', model.py",
        "platform: 'onnxruntim' backend: 'onnxruntime', onnxruntime, onnxruntim, model.onnx",
        "platform: 'ensemble', '', ensemble, ''",
        "backend: 'fil', fil, '', ''",
        "backend: 'identity', identity, '', ''",
    })
    void tellsTheRestByWhatIsWritten(String config, String backend, String platform, String file)
            throws Exception {
        assertDetected(detect(config, "m"), backend, platform, file);
    }

    @Test
    void prefersTheGraphAmongTwoTensorFlowFormats() throws Exception {
        create("model.savedmodel/");
        create("model.graphdef");

        assertThat(detect("", "m").getPlatform()).isEqualTo("tensorflow_graphdef");
    }

    @Test
    void ignoresFilesOnceSomethingIsWritten() throws Exception {
        create("model.onnx");

        assertDetected(detect("backend: 'identity'", "m"), "identity", "", "");
    }

    @Test
    void wantsADirectoryForASavedModel() throws Exception {
        create("model.savedmodel");

        assertThatExceptionOfType(InvalidConfigException.class).isThrownBy(() -> detect("", "m"));
    }

    @Test
    void takesACustomBackendFromTheModelsName() throws Exception {
        assertDetected(detect("", "a.b.c"), "b.c", "", "model.b.c");
    }

    @Test
    void givesUpWithoutAnyHint() {
        assertThatExceptionOfType(InvalidConfigException.class)
                .isThrownBy(() -> detect("", "m"))
                .withMessage(
                        "Invalid model name: Could not determine backend for model 'm' with no"
                                + " backend in model configuration. Expected model name of the form"
                                + " 'model.<backend_name>'.");
    }
}
