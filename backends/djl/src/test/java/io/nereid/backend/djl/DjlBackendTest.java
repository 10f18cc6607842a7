package io.nereid.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendHarness.Fixture;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class DjlBackendTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @TempDir Path root;

    @Test
    void isFoundByName() {
        assertThat(ServiceLoader.load(Backend.class))
                .singleElement()
                .satisfies(backend -> assertThat(backend.name()).isEqualTo("djl"));
    }

    @Test
    void namesTheEnginesThereAre() {
        assertRefused(
                DjlFixtures.engine("MXNet"),
                Path.of("target", "backend"),
                StatusCode.INVALID_ARG,
                "unable to load model 'm', DJL has no engine 'MXNet'; available engines are:"
                        + " OnnxRuntime, TensorFlow");
    }

    @Test
    void doesNotTakeTheCommonFolderForAnEngine() {
        assertRefused(
                DjlFixtures.engine("common"),
                Path.of("target", "backend"),
                StatusCode.INVALID_ARG,
                "unable to load model 'm', DJL has no engine 'common'; available engines are:"
                        + " OnnxRuntime, TensorFlow");
    }

    @Test
    void hasNoEngineWithoutItsDirectory() {
        assertRefused(
                DjlFixtures.engine("OnnxRuntime"),
                root,
                StatusCode.INVALID_ARG,
                "unable to load model 'm', DJL has no engine 'OnnxRuntime'; available engines are:"
                        + " none");
    }

    @Test
    void asksForAnEngineWhereNothingTellsIt() {
        assertRefused(
                "backend: 'djl'",
                Path.of("target", "backend"),
                StatusCode.INVALID_ARG,
                "unable to load model 'm', its configuration names no DJL engine; add parameters {"
                        + " key: \"engine\" value { string_value: \"OnnxRuntime\" } }");
    }

    @Test
    void refusesWhatBatchesCannotDo() {
        String engine = DjlFixtures.engine("OnnxRuntime");
        Path directory = Path.of("target", "backend");
        assertRefused(
                engine + "model_transaction_policy { decoupled: true }",
                directory,
                StatusCode.UNSUPPORTED,
                "unable to load model 'm', DJL models answer once per request and cannot be"
                        + " decoupled");
        assertRefused(
                engine
                        + "optimization { execution_accelerators { cpu_execution_accelerator { name:"
                        + " 'openvino' } } }",
                directory,
                StatusCode.UNSUPPORTED,
                "unable to load model 'm', DJL models take no execution accelerators");
    }

    @Test
    void saysThatTensorflowsLibraryIsMissing() {
        // A folder of its own: an engine that has started stays so.
        Path directory = root.resolve("djl");
        assertThat(directory.resolve("engines/tensorflow").toFile().mkdirs()).isTrue();

        assertRefused(
                DjlFixtures.engine("TensorFlow"),
                "addsub_int32.savedmodel",
                directory,
                StatusCode.INTERNAL,
                "unable to load model 'm', DJL's engine TensorFlow does not start: TensorFlow's"
                        + " library is missing: "
                        + root.resolve("tensorflow/native/libjnitensorflow.so"));
    }

    private void assertRefused(String config, Path directory, StatusCode code, String text) {
        assertRefused(config, "addsub_int32.onnx", directory, code, text);
    }

    private void assertRefused(
            String config, String fixture, Path directory, StatusCode code, String text) {
        Fixture placed =
                DjlFixtures.place(root.resolve("models"), fixture, config + DjlFixtures.ADD_SUB);
        try (DjlBackend backend = new DjlBackend()) {
            backend.open(
                    new BackendEnvironment(directory.toAbsolutePath(), Map.of(), allocator, 2));
            assertThatThrownBy(
                            () -> backend.openModel(placed.checkedConfig(), placed.files()).close())
                    .isInstanceOfSatisfying(
                            StatusException.class, e -> assertThat(e.code()).isEqualTo(code))
                    .hasMessage(text);
        }
    }
}
