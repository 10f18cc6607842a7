package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.assertRefused;
import static io.nereid.repository.TestModels.ready;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.store.CacheSettings;
import io.nereid.repository.store.FakeStore;
import io.nereid.repository.store.ModelStores;
import io.nereid.repository.store.StoreException;
import io.nereid.repository.store.StoreTimeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repositories that are folders of an object store. */
class StoreRepositoryTest {
    private static final String URL = "s3://bucket/models";

    @TempDir private Path cache;

    private final FakeLoader loader = new FakeLoader();
    private final FakeStore bucket = new FakeStore("s3");
    private ModelStores stores = ModelStores.none();

    private void model(String name, String config, long... versions) {
        bucket.put("models/" + name + "/config.pbtxt", config);
        for (long version : versions) {
            bucket.put("models/" + name + "/" + version + "/weights", name + version);
        }
    }

    private ModelRepository serve(String... atStart) {
        return serveFrom(URL, atStart);
    }

    private ModelRepository serveFrom(String url, String... atStart) {
        stores =
                new ModelStores(
                        List.of(bucket),
                        Map.of(),
                        new CacheSettings(Optional.of(cache), 1 << 20),
                        StoreTimeouts.DEFAULT);
        ModelRepository repository =
                new ModelRepository(
                        new RepositoryOptions(
                                List.of(url),
                                StartupModels.explicit(List.of(atStart)),
                                true,
                                true,
                                Optional.empty(),
                                2,
                                0,
                                GpuInventory.NONE,
                                false,
                                Optional.empty()),
                        loader,
                        stores);
        loader.holding(repository::lease);
        repository.loadAll();
        return repository;
    }

    @AfterEach
    void close() {
        stores.close();
    }

    private List<Path> staged() throws IOException {
        Path folder = cache.resolve("0/staged");
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    private static void load(ModelRepository repository, String name) {
        repository.load(name, ModelOverride.NONE);
    }

    private static void assertNotPolled(ModelRepository repository, String name) {
        assertRefused(
                () -> load(repository, name),
                StatusCode.INTERNAL,
                "failed to load '" + name + "', failed to poll from model repository");
    }

    @Test
    void loadsWhatLiesInTheStore() throws Exception {
        model("m", PLAIN, 1, 2);
        bucket.put("models/m/2/variables/index", "i").put("models/file-beside-the-models", "x");
        bucket.pagesOf(2);

        try (ModelRepository repository = serve("m")) {
            assertThat(repository.index()).containsExactly(ready("m", 2));
            Path version = loader.files("m:2").versionDirectory();
            assertThat(version.resolve("weights")).hasContent("m2");
            assertThat(version.resolve("variables/index")).hasContent("i");
            assertThat(version).startsWith(cache.toRealPath());
        }
        assertThat(staged()).isEmpty();
    }

    @Test
    void listsWithoutDownloading() {
        model("m", PLAIN, 1);
        model("n", PLAIN, 1);

        try (ModelRepository repository = serve()) {
            assertThat(repository.index()).extracting(IndexEntry::name).containsExactly("m", "n");
            assertThat(bucket.opened()).isEmpty();

            load(repository, "m");

            assertThat(bucket.opened())
                    .containsExactlyInAnyOrder("models/m/config.pbtxt@0", "models/m/1/weights@0");
        }
    }

    @Test
    void downloadsNothingAgainAfterARestart() {
        model("m", PLAIN, 1);
        serve("m").close();
        stores.close();
        bucket.forgetOpened();

        try (ModelRepository repository = serve("m")) {
            assertThat(repository.index()).containsExactly(ready("m", 1));
            assertThat(bucket.opened()).isEmpty();
        }
    }

    @Test
    void leavesAloneWhatIsWrittenAgainAsItWas() {
        model("m", PLAIN, 1);
        try (ModelRepository repository = serve("m")) {
            model("m", PLAIN, 1);

            load(repository, "m");

            assertThat(loader.loaded).containsExactly("m:1");
        }
    }

    @Test
    void noticesAnObjectThatChangedOrHasGone() {
        model("m", PLAIN, 1);
        bucket.put("models/m/1/extra", "x");
        try (ModelRepository repository = serve("m")) {
            bucket.remove("models/m/1/extra");
            load(repository, "m");
            assertThat(loader.files("m:1").versionDirectory().resolve("extra")).doesNotExist();

            bucket.put("models/m/1/weights", "new");
            load(repository, "m");
            assertThat(loader.files("m:1").versionDirectory().resolve("weights")).hasContent("new");
        }
        assertThat(loader.loaded).containsExactly("m:1", "m:1", "m:1");
    }

    @Test
    void keepsAVersionThatIsTheSameWhenAnotherComes() throws Exception {
        model("m", PLAIN + "version_policy { all {} }", 1);
        try (ModelRepository repository = serve("m")) {
            bucket.put("models/m/2/weights", "m2");

            load(repository, "m");

            assertThat(loader.loaded).containsExactly("m:1", "m:2");
            assertThat(loader.files("m:1").versionDirectory().resolve("weights"))
                    .as("what version 1 was loaded from")
                    .hasContent("m1");
            assertThat(staged()).hasSize(2);
        }
        assertThat(staged()).isEmpty();
    }

    @Test
    void readsTheModelAsItIsWhenItChangesMeanwhile() {
        model("m", PLAIN, 1);
        // Whichever object is asked for first is another one by then.
        bucket.failing((_, _, _) -> {
            bucket.put("models/m/1/weights", "newer");
            bucket.put("models/m/config.pbtxt", PLAIN + "max_batch_size: 3");
            throw new StoreException(
                    StoreException.Kind.CHANGED, "other ETag", new IOException("test"));
        });

        try (ModelRepository repository = serve("m")) {
            assertThat(repository.index()).containsExactly(ready("m", 1));
            Path directory = loader.files("m:1").modelDirectory();
            assertThat(directory.resolve("1/weights")).hasContent("newer");
            assertThat(directory.resolve("config.pbtxt")).hasContent(PLAIN + "max_batch_size: 3");
        }
    }

    @Test
    void showsNothingOfAModelThatCannotBeDownloaded() throws Exception {
        model("m", PLAIN, 1);
        try (ModelRepository repository = serve()) {
            bucket.failing(FakeStore.refusing(StoreException.Kind.PERMANENT));

            assertNotPolled(repository, "m");

            assertThat(staged()).isEmpty();
            load(repository, "m");
            assertThat(repository.index()).containsExactly(ready("m", 1));
        }
    }

    @Test
    void keepsServingWhenTheNextOneCannotBeDownloaded() {
        model("m", PLAIN, 1);
        try (ModelRepository repository = serve("m")) {
            bucket.put("models/m/1/weights", "new");
            bucket.failing(FakeStore.refusing(StoreException.Kind.PERMANENT));

            assertNotPolled(repository, "m");

            assertThat(repository.index()).containsExactly(ready("m", 1));
        }
    }

    @Test
    void keepsServingWhenTheStoreCannotBeListed() {
        model("m", PLAIN, 1);
        try (ModelRepository repository = serve("m")) {
            bucket.failingToList(StoreException.Kind.PERMANENT);
            assertNotPolled(repository, "m");

            assertThat(repository.readyVersions("m")).containsExactly(1L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1/../../../evil", "../evil", "1//evil", "./evil", "1/a\u0000b"})
    void refusesKeysThatLeadElsewhere(String key) throws Exception {
        model("m", PLAIN, 1);
        bucket.put("models/m/" + key, "evil");

        try (ModelRepository repository = serve()) {
            assertNotPolled(repository, "m");

            assertThat(bucket.opened()).isEmpty();
            assertThat(staged()).isEmpty();
        }
    }

    @Test
    void refusesAKeyThatOthersUseAsADirectory() {
        model("m", PLAIN, 1);
        bucket.put("models/m/1", "a file");

        try (ModelRepository repository = serve()) {
            assertNotPolled(repository, "m");
        }
    }

    @Test
    void leavesOutModelsWithNamesThatLeadElsewhere() {
        model("m", PLAIN, 1);
        bucket.put("models/../config.pbtxt", PLAIN).put("models//1/weights", "x");

        try (ModelRepository repository = serve()) {
            assertThat(repository.index()).extracting(IndexEntry::name).containsExactly("m");
        }
    }

    @Test
    void takesMarksOfFoldersForNothing() {
        model("m", PLAIN, 1);
        bucket.put("models/", "").put("models/m/", "").put("models/m/7/", "");
        bucket.put("models/empty/", "");

        try (ModelRepository repository = serve("m")) {
            assertThat(repository.index()).containsExactly(ready("m", 1));
        }
    }

    @Test
    void servesOneModelsFolder() {
        bucket.put("models/m/config.pbtxt", PLAIN).put("models/m/1/weights", "w");

        try (ModelRepository repository = serveFrom(URL + "/m/", "m")) {
            assertThat(repository.index()).containsExactly(ready("m", 1));
        }
    }

    @Test
    void refusesAFolderThatIsNotThere() {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> serve())
                .withMessageContaining("no object lies below " + URL);
    }

    @Test
    void refusesKindsOfStoresThatAreAbsent() {
        RepositoryOptions options =
                new RepositoryOptions(
                        List.of("as://account/container/models"),
                        new StartupModels.All(),
                        false,
                        true,
                        Optional.empty(),
                        1,
                        0,
                        GpuInventory.NONE,
                        false,
                        Optional.empty());

        assertRefused(
                () -> new ModelRepository(options, loader),
                StatusCode.UNSUPPORTED,
                "as:// file-system not supported. To enable, build with"
                        + " -DTRITON_ENABLE_AZURE_STORAGE=ON.");
    }

    @Test
    void servesAnotherConfigurationFromTheSameObjects() {
        model("m", PLAIN, 1);
        try (ModelRepository repository = serve("m")) {
            bucket.forgetOpened();
            repository.load(
                    "m",
                    new ModelOverride(
                            Optional.of(
                                    "{\"backend\": \"identity\", \"max_batch_size\": 5, \"input\":"
                                            + " [{\"name\": \"x\", \"data_type\": \"TYPE_FP32\","
                                            + " \"dims\": [3]}], \"output\": [{\"name\": \"y\","
                                            + " \"data_type\": \"TYPE_FP32\", \"dims\": [3]}]}"),
                            Map.of()));
            load(repository, "m");

            assertThat(repository.model("m", OptionalLong.empty()).config().maxBatchSize())
                    .isEqualTo(5);
            assertThat(bucket.opened()).isEmpty();
        }
    }

    @Test
    void keepsEnsemblesWhenTheirMembersComeAnew() {
        model("m", PLAIN, 1);
        model("e", TestModels.ensemble("m"), 1);
        try (ModelRepository repository = serve("e")) {
            bucket.put("models/m/1/weights", "new");

            load(repository, "m");

            assertThat(repository.index()).containsExactly(ready("e", 1), ready("m", 1));
        }
    }
}
