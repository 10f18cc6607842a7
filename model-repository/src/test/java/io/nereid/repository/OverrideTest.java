package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.onRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.backend.ModelLease;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations and files that come with a load request. */
class OverrideTest {
    private static final OptionalLong ANY = OptionalLong.empty();
    private static final String TENSORS =
            """
            "input": [ { "name": "x", "data_type": "TYPE_FP32", "dims": [ 3 ] } ],
            "output": [ { "name": "y", "dataType": "type_fp32", "dims": [ "3" ] } ]
            """;
    private static final String BATCH_OF_7 =
            "{ \"backend\": \"identity\", \"maxBatchSize\": 7, " + TENSORS + "}";

    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();

    private void model(String name, String config, long... versions) {
        TestModels.write(root, name, config, versions);
    }

    private static ModelOverride config(String json) {
        return new ModelOverride(Optional.of(json), Map.of());
    }

    private static ModelOverride files(String json, String path) {
        return new ModelOverride(Optional.of(json), Map.of(path, new byte[] {1, 2, 3}));
    }

    private static ModelConfig config(ModelRepository repository) {
        return repository.model("m", ANY).config();
    }

    private static void assertNotPolled(ModelRepository repository, ModelOverride override) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> repository.load("m", override))
                .withMessage("failed to load 'm', failed to poll from model repository");
    }

    @Test
    void servesAConfigurationInPlaceOfTheFileUntilTheDirectoryChanges() {
        model("m", PLAIN + "max_batch_size: 1", 1);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            repository.load("m", config(BATCH_OF_7));
            assertThat(config(repository).maxBatchSize()).isEqualTo(7);

            repository.load("m", ModelOverride.NONE);
            assertThat(config(repository).maxBatchSize()).isEqualTo(7);

            TestModels.touch(root.resolve("m/config.pbtxt"));
            repository.load("m", ModelOverride.NONE);
            assertThat(config(repository).maxBatchSize()).isEqualTo(1);
        }
    }

    @Test
    void keepsWhatAnswersWhenAConfigurationCannotBeRead() {
        model("m", PLAIN, 1);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            assertNotPolled(repository, config("{bad"));
            assertNotPolled(repository, config("[]"));
            assertNotPolled(repository, config("{\"max_batch\": 1}"));
            assertNotPolled(repository, config("{\"name\": \"other\", " + TENSORS + "}"));

            assertThat(repository.readyVersions("m")).containsExactly(1L);
            assertThat(loader.loaded).containsExactly("m:1");
        }
    }

    @Test
    void servesFilesFromADirectoryOfTheirOwnUntilTheNextLoad() throws Exception {
        model("m", PLAIN, 1);
        Path directory;
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            repository.load("m", files(BATCH_OF_7, "5/model"));

            assertThat(repository.readyVersions("m")).containsExactly(5L);
            directory = loader.files("m:5").modelDirectory();
            assertThat(directory.getFileName().toString()).startsWith("folder");
            assertThat(Files.getPosixFilePermissions(directory))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(directory.resolve("5/model")).hasBinaryContent(new byte[] {1, 2, 3});
            ModelLease request = repository.lease("m", ANY);

            repository.load("m", ModelOverride.NONE);

            assertThat(repository.readyVersions("m")).containsExactly(1L);
            assertThat(directory).exists();
            request.close();
        }
        assertThat(directory).doesNotExist();
        assertThat(loader.open).hasValue(0);
    }

    @Test
    void loadsNewFilesInPlaceOfOlderOnes() {
        try (ModelRepository repository = onRequest(root, loader)) {
            repository.load("m", files(BATCH_OF_7, "1/model"));
            Path first = loader.files("m:1").modelDirectory();

            repository.load("m", files(BATCH_OF_7, "1/model"));

            assertThat(loader.files("m:1").modelDirectory()).isNotEqualTo(first);
            assertThat(loader.loaded).containsExactly("m:1", "m:1");
        }
    }

    @Test
    void servesAModelThatIsInNoRepositoryButDoesNotListIt() {
        try (ModelRepository repository = onRequest(root, loader)) {
            repository.load("m", files(BATCH_OF_7, "1/model"));
            Path directory = loader.files("m:1").modelDirectory();

            assertThat(repository.readyVersions("m")).containsExactly(1L);
            assertThat(repository.index()).isEmpty();
            repository.unload("m", false);
            repository.awaitUnloaded("m");
            assertThat(directory).doesNotExist();
            assertNotPolled(repository, ModelOverride.NONE);
        }
    }

    @Test
    void deletesTheFilesOfAModelThatCannotBeLoaded() {
        loader.onLoad(
                "m",
                (_, _) -> {
                    throw StatusException.invalidArgument("no");
                });
        model("m", PLAIN, 1);
        try (ModelRepository repository = onRequest(root, loader)) {
            assertThatExceptionOfType(StatusException.class)
                    .isThrownBy(() -> repository.load("m", files(BATCH_OF_7, "1/model")))
                    .withMessage(
                            "load failed for model 'm': version 1 is at UNAVAILABLE state: Invalid"
                                    + " argument: no;\n");

            Path directory = loader.files("m:1").modelDirectory();
            assertThat(directory.getFileName().toString()).startsWith("folder");
            assertThat(directory).doesNotExist();
        }
    }

    @Test
    void wantsAConfigurationWithFilesAndPathsInsideTheModel() {
        model("m", PLAIN, 1);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            assertNotPolled(
                    repository,
                    new ModelOverride(Optional.empty(), Map.of("1/model", new byte[] {1})));
            assertNotPolled(repository, files(BATCH_OF_7, "../../x/model"));

            assertThat(repository.readyVersions("m")).containsExactly(1L);
        }
    }
}
