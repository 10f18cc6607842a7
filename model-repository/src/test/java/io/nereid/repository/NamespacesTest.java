package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repository section 14: models of one name in several repositories. */
class NamespacesTest {
    private static final String IO =
            " input { name: 'x' data_type: TYPE_FP32 dims: 3 } output { name: 'y' data_type:"
                    + " TYPE_FP32 dims: 3 } ";
    private static final String PLAIN = "backend: 'identity'" + IO;

    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();
    private Path one;
    private Path two;

    @BeforeEach
    void makeRepositories() throws IOException {
        one = Files.createDirectories(root.resolve("one"));
        two = Files.createDirectories(root.resolve("two"));
    }

    private static void model(Path repository, String name, String config) throws IOException {
        Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.writeString(repository.resolve(name).resolve("config.pbtxt"), config);
    }

    private static String ensembleOf(String member) {
        return "platform: 'ensemble'"
                + IO
                + "ensemble_scheduling { step { model_name: '%s' model_version: -1 input_map { key: 'x' value: 'x' } output_map { key: 'y' value: 'y' } } }"
                        .formatted(member);
    }

    private ModelRepository serve(List<Path> paths, StartupModels startup) {
        ModelRepository repository =
                new ModelRepository(
                        new RepositoryOptions(
                                paths.stream().map(Path::toString).toList(),
                                startup,
                                true,
                                true,
                                Optional.empty(),
                                2,
                                0,
                                GpuInventory.NONE,
                                true,
                                Optional.empty()),
                        loader);
        repository.loadAll();
        return repository;
    }

    private static Model model(ModelRepository repository, String name) {
        return repository.model(name, OptionalLong.empty());
    }

    /** Which repository's member an ensemble asks, by its completed configuration. */
    private static String namespaceOfStep(ModelRepository repository, String ensemble) {
        return model(repository, ensemble)
                .config()
                .message()
                .getEnsembleScheduling()
                .getStep(0)
                .getModelNamespace();
    }

    private static String errorOf(ModelRepository repository, String name) {
        return assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> repository.model(name, OptionalLong.empty()))
                .actual()
                .text();
    }

    @Test
    void loadsBothButNeedsToKnowWhichIsMeant() throws IOException {
        model(one, "m", PLAIN);
        model(two, "m", PLAIN);
        model(two, "only", PLAIN);

        try (ModelRepository repository = serve(List.of(one, two), new StartupModels.All())) {
            assertThat(loader.loaded).containsExactlyInAnyOrder("m:1", "m:1", "only:1");
            assertThat(errorOf(repository, "m"))
                    .isEqualTo(
                            "There are 2 identifiers of model 'm' in global map, model namespace"
                                    + " must be provided to resolve ambiguity.");
            assertThat(model(repository, "only").version()).isEqualTo(1);
            assertThat(repository.allReady()).isTrue();
            assertThat(repository.names()).containsExactly("m", "only");
            assertThat(repository.index())
                    .extracting(IndexEntry::name)
                    .containsExactly("m", "m", "only");
            try (ModelLease member =
                    repository.leaseMember(ModelId.of(two.toString(), "m"), OptionalLong.of(1))) {
                assertThat(member.model().config().name()).isEqualTo("m");
            }
        }
        assertThat(loader.open).hasValue(0);
    }

    @Test
    void hasAnEnsembleAskItsNeighbour() throws IOException {
        model(one, "m", PLAIN);
        model(two, "m", PLAIN);
        model(one, "first", ensembleOf("m"));
        model(two, "second", ensembleOf("m"));

        try (ModelRepository repository = serve(List.of(one, two), new StartupModels.All())) {
            assertThat(namespaceOfStep(repository, "first")).isEqualTo(one.toString());
            assertThat(namespaceOfStep(repository, "second")).isEqualTo(two.toString());
        }
    }

    @Test
    void hasAnEnsembleAskTheOnlyModelOfThatName() throws IOException {
        model(one, "m", PLAIN);
        model(two, "e", ensembleOf("m"));

        try (ModelRepository repository =
                serve(List.of(one, two), StartupModels.explicit(List.of("e")))) {
            assertThat(namespaceOfStep(repository, "e")).isEqualTo(one.toString());
            // A neighbour that comes later is preferred.
            model(two, "m", PLAIN);
            repository.load("m", ModelOverride.NONE);
            assertThat(namespaceOfStep(repository, "e")).isEqualTo(two.toString());
        }
    }

    @Test
    void refusesAnEnsembleThatMayMeanTwo() throws IOException {
        Path three = Files.createDirectories(root.resolve("three"));
        model(one, "m", PLAIN);
        model(two, "m", PLAIN);
        model(three, "e", ensembleOf("m"));

        try (ModelRepository repository =
                serve(List.of(one, two, three), new StartupModels.All())) {
            assertThat(errorOf(repository, "e")).contains("has no available versions");
            assertThat(repository.index())
                    .filteredOn(entry -> entry.name().equals("e"))
                    .extracting(IndexEntry::reason)
                    .containsExactly(
                            "Invalid argument: ensemble "
                                    + ModelId.of(three.toString(), "e")
                                    + " contains models that are not available or ambiguous: m");
        }
    }

    @Test
    void unloadsAllModelsOfAName() throws IOException {
        model(one, "m", PLAIN);
        model(two, "m", PLAIN);

        try (ModelRepository repository = serve(List.of(one, two), new StartupModels.All())) {
            repository.unload("m", false);
            repository.awaitUnloaded("m");

            assertThat(loader.closed).containsExactly("m:1", "m:1");
            assertThat(errorOf(repository, "m"))
                    .isEqualTo("Request for unknown model: 'm' has no available versions");
        }
    }

    /** What a SageMaker endpoint with several models does (SageMaker section 8). */
    @Test
    void servesArchivesThatHoldTheSameNames() throws Exception {
        CountDownLatch memberClosed = new CountDownLatch(1);
        loader.onClose("dali", memberClosed::countDown);
        for (Path archive : List.of(one, two)) {
            model(archive, "dali", PLAIN);
            model(archive, "ensemble", ensembleOf("dali"));
        }
        Path empty = Files.createDirectories(root.resolve("empty"));

        try (ModelRepository repository =
                serve(List.of(empty), StartupModels.explicit(List.of()))) {
            repository.register(one, Map.of("ensemble", "a.tar.gz"));
            repository.load("a.tar.gz", ModelOverride.NONE);
            repository.register(two, Map.of("ensemble", "b.tar.gz"));
            repository.load("b.tar.gz", ModelOverride.NONE);
            assertThat(namespaceOfStep(repository, "a.tar.gz")).isEqualTo(one.toString());
            assertThat(namespaceOfStep(repository, "b.tar.gz")).isEqualTo(two.toString());

            repository.unload("a.tar.gz", true);
            repository.awaitUnloaded("a.tar.gz");
            repository.unregister(one);
            assertThat(memberClosed.await(30, TimeUnit.SECONDS)).isTrue();

            // The fake ensemble holds no member, so that the two may close in any order.
            assertThat(loader.closed).containsExactlyInAnyOrder("a.tar.gz:1", "dali:1");
            assertThat(model(repository, "b.tar.gz").version()).isEqualTo(1);
            assertThat(model(repository, "dali").version()).isEqualTo(1);
        }
    }

    @Test
    void refusesAModelThatIsNowhere() throws IOException {
        model(one, "m", PLAIN);

        try (ModelRepository repository = serve(List.of(one), new StartupModels.All())) {
            assertThatExceptionOfType(StatusException.class)
                    .isThrownBy(() -> repository.load("nobody", ModelOverride.NONE))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(StatusCode.INTERNAL))
                    .withMessageContaining(
                            "failed to load 'nobody', failed to poll from model repository");
        }
    }
}
