package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.backend.ModelFiles;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository, one model's directory, or one model file. */
class RepositoryPathTest {
    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();

    private void create(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private ModelConfigProto.ModelConfig served(Path path, String name) {
        try (ModelRepository repository =
                new ModelRepository(RepositoryOptions.of(List.of(path)), loader)) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(new LoadSummary.Row(name, "1", "READY"));
            assertThat(repository.index())
                    .containsExactly(
                            new IndexEntry(
                                    name, OptionalLong.of(1), Optional.of(VersionState.READY), ""));
            return repository.model(name, OptionalLong.empty()).config().message();
        }
    }

    @Test
    void servesAModelFile() throws IOException {
        create("net.onnx", "");

        ModelConfigProto.ModelConfig config = served(root.resolve("net.onnx"), "net");

        assertThat(config.getBackend()).isEqualTo("onnxruntime");
        assertThat(config.getDefaultModelFilename()).isEqualTo("net.onnx");
        ModelFiles files = loader.files("net:1");
        assertThat(files.modelFile(config.getDefaultModelFilename()))
                .isEqualTo(root.resolve("net.onnx"));
    }

    @Test
    void servesADirectoryWithAModelFileInIt() throws IOException {
        create("net/model.onnx", "");

        served(root.resolve("net"), "net");

        assertThat(loader.files("net:1").versionDirectory()).isEqualTo(root.resolve("net"));
    }

    @Test
    void servesAModelFileBesideItsConfiguration() throws IOException {
        create("net/model.onnx", "");
        create("net/config.pbtxt", "name: 'other' max_batch_size: 2");

        assertThat(served(root.resolve("net"), "other").getMaxBatchSize()).isEqualTo(2);
    }

    @Test
    void servesASavedModel() throws IOException {
        create("net.savedmodel/saved_model.pb", "");

        ModelConfigProto.ModelConfig config = served(root.resolve("net.savedmodel"), "net");

        assertThat(config.getPlatform()).isEqualTo("tensorflow_savedmodel");
        assertThat(loader.files("net:1").modelFile(config.getDefaultModelFilename()))
                .isEqualTo(root.resolve("net.savedmodel"));
    }

    @Test
    void servesASavedModelWithoutTheUsualName() throws IOException {
        create("export/saved_model.pb", "");

        assertThat(served(root.resolve("export"), "export").getBackend()).isEqualTo("tensorflow");
    }

    @Test
    void servesAModelsDirectoryWithConfiguration() throws IOException {
        create("net/config.pbtxt", "name: 'other' backend: 'identity'");
        create("net/1/weights", "");

        served(root.resolve("net"), "other");
    }

    @Test
    void servesAModelsDirectoryWithoutConfiguration() throws IOException {
        create("net/1/model.onnx", "");

        served(root.resolve("net"), "net");
    }

    @Test
    void takesAnyOtherDirectoryForARepository() throws IOException {
        create("net/1/model.onnx", "");
        create("readme.txt", "");

        served(root, "net");
    }

    @Test
    void allowsARepositoryWithoutModels() {
        try (ModelRepository repository =
                new ModelRepository(RepositoryOptions.of(List.of(root)), loader)) {
            assertThat(repository.loadAll()).isEqualTo(new LoadSummary(List.of(), true));
            assertThat(repository.allReady()).isTrue();
        }
    }

    @Test
    void refusesWhatCannotBeServed() throws IOException {
        create("notes.txt", "");
        Path file = root.resolve("notes.txt");
        Path missing = root.resolve("missing");

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> RepositoryPath.of(missing))
                .withMessage("failed to stat file " + missing);
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> RepositoryPath.of(file))
                .withMessageStartingWith("repository path is not a valid directory");
    }
}
