package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.assertRefused;
import static io.nereid.repository.TestModels.ensemble;
import static io.nereid.repository.TestModels.entry;
import static io.nereid.repository.TestModels.load;
import static io.nereid.repository.TestModels.onRequest;
import static io.nereid.repository.TestModels.ready;
import static io.nereid.repository.TestModels.unloaded;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.ModelLease;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loading on request: what is loaded, what stays, what is said. */
class ModelControlTest {
    private static final OptionalLong ANY = OptionalLong.empty();
    private static final String ALL = "version_policy { all { } } " + PLAIN;

    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();

    private void model(String name, String config, long... versions) {
        TestModels.write(root, name, config, versions);
    }

    @Test
    void refusesEverythingUnlessModelsAreLoadedOnRequest() {
        model("m", PLAIN, 1);
        try (ModelRepository repository =
                new ModelRepository(RepositoryOptions.of(List.of(root)), loader)) {
            repository.loadAll();
            String refusal = "explicit model load / unload is not allowed if polling is enabled";
            String noRegistration =
                    "repository registration is not allowed if model control mode is not EXPLICIT";

            assertRefused(() -> load(repository, "m"), StatusCode.UNAVAILABLE, refusal);
            assertRefused(() -> repository.unload("m", false), StatusCode.UNAVAILABLE, refusal);
            assertRefused(
                    () -> repository.register(root, Map.of()),
                    StatusCode.UNSUPPORTED,
                    noRegistration);
            assertRefused(
                    () -> repository.unregister(root), StatusCode.UNSUPPORTED, noRegistration);
            assertThat(repository.readyVersions("m")).containsExactly(1L);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            textBlock =
                    """
                    "",    Model name cannot be empty. Please enter a valid name to deploy.
                    "  ",  Model name cannot be empty. Please enter a valid name to deploy.
                    "..",  "invalid model name '..', model name must not contain path traversal characters"
                    "a/b", "invalid model name 'a/b', model name must not contain path traversal characters"
                    """)
    void refusesNamesThatAreNone(String name, String text) {
        try (ModelRepository repository = onRequest(root, loader)) {
            assertRefused(() -> load(repository, name), StatusCode.INVALID_ARG, text);
        }
    }

    @Test
    void loadsWhatLiesInTheRepositoryAtTheTimeOfTheCall() {
        try (ModelRepository repository = onRequest(root, loader)) {
            assertThat(repository.index()).isEmpty();
            assertRefused(
                    () -> load(repository, "m"),
                    StatusCode.INTERNAL,
                    "failed to load 'm', failed to poll from model repository");
            model("m", PLAIN, 1);
            model("other", PLAIN, 1);

            load(repository, "m");

            assertThat(repository.index())
                    .containsExactly(
                            ready("m", 1), new IndexEntry("other", ANY, Optional.empty(), ""));
        }
    }

    @Test
    void leavesAModelAloneThatHasNotChanged() {
        model("m", PLAIN, 1);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            load(repository, "m");
            load(repository, "m");

            assertThat(loader.loaded).containsExactly("m:1");
        }
    }

    @Test
    void putsAChangedModelInPlaceOfTheOldOneWhichAnswersWhatItHasAccepted() throws Exception {
        model("m", PLAIN + "max_batch_size: 1", 1);
        CountDownLatch closed = new CountDownLatch(1);
        loader.onClose("m", closed::countDown);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            ModelLease old = repository.lease("m", ANY);
            TestModels.change(root, "m", PLAIN + "max_batch_size: 2");

            load(repository, "m");

            assertThat(repository.model("m", ANY).config().maxBatchSize()).isEqualTo(2);
            assertThat(repository.index()).containsExactly(ready("m", 1));
            assertThat(old.model().config().maxBatchSize()).isEqualTo(1);
            assertThat(loader.closed).isEmpty();
            old.close();
            closed.await();
            assertThat(repository.index()).containsExactly(ready("m", 1));
        }
        assertThat(loader.open).hasValue(0);
        assertThat(loader.misused).hasValue(0);
    }

    @Test
    void keepsWhatAnswersWhenLoadingFailsAndTriesAgainWithTheNextCall() {
        model("m", PLAIN, 1);
        AtomicBoolean broken = new AtomicBoolean(true);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            loader.onLoad(
                    "m",
                    (_, _) -> {
                        if (broken.get()) {
                            throw StatusException.invalidArgument("no");
                        }
                    });
            TestModels.change(root, "m", PLAIN + "max_batch_size: 2");
            String text =
                    "load failed for model 'm': version 1 is at UNAVAILABLE state: Invalid"
                            + " argument: no;\n";

            assertRefused(() -> load(repository, "m"), StatusCode.INVALID_ARG, text);
            assertRefused(() -> load(repository, "m"), StatusCode.INVALID_ARG, text);
            assertThat(repository.index()).containsExactly(ready("m", 1));
            broken.set(false);
            load(repository, "m");

            assertThat(repository.model("m", ANY).config().maxBatchSize()).isEqualTo(2);
        }
    }

    @Test
    void loadsAllSelectedVersionsOrNone() {
        model("m", ALL, 1, 2, 3);
        try (ModelRepository repository = onRequest(root, loader)) {
            loader.onLoad(
                    "m",
                    (_, version) -> {
                        if (version > 1) {
                            throw new StatusException(StatusCode.INTERNAL, "no " + version);
                        }
                    });

            assertRefused(
                    () -> load(repository, "m"),
                    StatusCode.INVALID_ARG,
                    "load failed for model 'm': version 2 is at UNAVAILABLE state: Internal: no"
                            + " 2;version 3 is at UNAVAILABLE state: Internal: no 3;\n");
            assertThat(repository.readyVersions("m")).isEmpty();
            assertThat(loader.open).hasValue(0);
        }
    }

    @Test
    void loadsOnlyTheVersionThatWasAdded() throws Exception {
        model("m", ALL, 1, 2);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            Files.createDirectory(root.resolve("m/3"));
            TestModels.touch(root.resolve("m/3"));

            load(repository, "m");

            assertThat(repository.readyVersions("m")).containsExactly(1L, 2L, 3L);
            assertThat(loader.loaded).containsExactlyInAnyOrder("m:1", "m:2", "m:3");
            assertThat(loader.closed).isEmpty();
        }
    }

    @Test
    void unloadsVersionsThatThePolicySelectsNoMore() {
        model("m", ALL, 1, 2, 3);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            TestModels.change(root, "m", PLAIN);

            load(repository, "m");

            assertThat(repository.readyVersions("m")).containsExactly(3L);
            assertThat(repository.allReady()).isTrue();
        }
        assertThat(loader.open).hasValue(0);
    }

    @Test
    void saysThatThePolicyLeavesNoVersion() {
        model("m", PLAIN);
        try (ModelRepository repository = onRequest(root, loader)) {
            assertRefused(
                    () -> load(repository, "m"),
                    StatusCode.INVALID_ARG,
                    "load failed for model 'm': at least one version must be available under the"
                            + " version policy of model 'm'\n");
        }
    }

    @Test
    void loadsMembersWithTheirEnsembleAndTheEnsembleAgainWithAMember() {
        model("a", PLAIN, 1);
        model("b", PLAIN, 1);
        model("inner", ensemble("a"), 1);
        model("outer", ensemble("inner", "b"), 1);
        try (ModelRepository repository = onRequest(root, loader)) {
            load(repository, "outer");
            assertThat(loader.loaded).hasSize(4).endsWith("outer:1");
            loader.loaded.clear();
            TestModels.touch(root.resolve("a/1"));

            load(repository, "a");

            assertThat(loader.loaded).containsExactly("a:1", "inner:1", "outer:1");
            assertThat(repository.allReady()).isTrue();
        }
        assertThat(loader.open).hasValue(0);
        assertThat(loader.misused).hasValue(0);
    }

    @Test
    void takesAnEnsembleOutOfServiceThatAMemberDoesNotSuitAnyMore() {
        model("a", PLAIN, 1);
        model("e", ensemble("a"), 1);
        try (ModelRepository repository = onRequest(root, loader, "e")) {
            loader.onLoad(
                    "e",
                    (_, _) -> {
                        throw StatusException.invalidArgument("does not fit");
                    });
            TestModels.touch(root.resolve("a/1"));

            load(repository, "a");

            assertThat(repository.readyVersions("a")).containsExactly(1L);
            assertThat(repository.readyVersions("e")).isEmpty();
            loader.onLoad("e", (_, _) -> {});
            TestModels.touch(root.resolve("a/1"));
            load(repository, "a");
            assertThat(repository.readyVersions("e")).containsExactly(1L);
        }
    }

    @Test
    void saysWhichMemberFailed() {
        model("a", PLAIN, 1);
        model("e", ensemble("a"), 1);
        loader.onLoad(
                "a",
                (_, _) -> {
                    throw StatusException.invalidArgument("no");
                });
        try (ModelRepository repository = onRequest(root, loader)) {
            assertRefused(
                    () -> load(repository, "e"),
                    StatusCode.INVALID_ARG,
                    "load failed for model 'e': ensemble 'e' depends on 'a' which has no loaded"
                            + " version. Model 'a' loading failed with error: version 1 is at"
                            + " UNAVAILABLE state: Invalid argument: no;\n");
        }
    }

    @Test
    void goesOnWithAnOldMemberWhenANewOneFails() {
        model("a", PLAIN, 1);
        model("e", ensemble("a"), 1);
        try (ModelRepository repository = onRequest(root, loader, "e")) {
            loader.onLoad(
                    "a",
                    (_, _) -> {
                        throw StatusException.invalidArgument("no");
                    });
            TestModels.touch(root.resolve("a/1"));

            load(repository, "e");

            assertThat(repository.index()).containsExactly(ready("a", 1), ready("e", 1));
        }
    }

    @Test
    void changesDifferentModelsSideBySide() throws Exception {
        model("a", PLAIN, 1);
        model("b", PLAIN, 1);
        CyclicBarrier both = new CyclicBarrier(2);
        for (String name : List.of("a", "b")) {
            loader.onLoad(name, (_, _) -> meet(both));
        }
        try (ModelRepository repository = onRequest(root, loader);
                ExecutorService callers = Executors.newFixedThreadPool(2)) {
            Future<?> a = callers.submit(() -> load(repository, "a"));
            Future<?> b = callers.submit(() -> load(repository, "b"));
            a.get();
            b.get();

            assertThat(repository.index()).containsExactly(ready("a", 1), ready("b", 1));
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void loadsOnceWhatSeveralAskForAtATime() throws Exception {
        model("a", PLAIN, 1);
        model("e", ensemble("a"), 1);
        try (ModelRepository repository = onRequest(root, loader);
                ExecutorService callers = Executors.newFixedThreadPool(8)) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String name = i % 2 == 0 ? "e" : "a";
                calls.add(callers.submit(() -> load(repository, name)));
            }
            for (Future<?> call : calls) {
                call.get();
            }

            assertThat(loader.loaded).containsExactly("a:1", "e:1");
        }
    }

    @Test
    void answersEveryCallWhenManyLoadAndUnloadOneModel() throws Exception {
        model("m", PLAIN, 1);
        try (ModelRepository repository = onRequest(root, loader);
                ExecutorService callers = Executors.newFixedThreadPool(16)) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                boolean unload = i % 2 == 0;
                calls.add(
                        callers.submit(() -> {
                            if (unload) {
                                repository.unload("m", false);
                            } else {
                                load(repository, "m");
                            }
                        }));
            }
            for (Future<?> call : calls) {
                call.get();
            }
            repository.unload("m", false);
            repository.awaitUnloaded("m");

            assertThat(repository.index()).containsExactly(unloaded("m", 1));
        }
        assertThat(loader.open).hasValue(0);
        assertThat(loader.misused).hasValue(0);
    }

    @Test
    void showsThatAModelIsLoading() throws Exception {
        model("m", PLAIN, 1);
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        loader.onLoad(
                "m",
                (_, _) -> {
                    loading.countDown();
                    await(goOn);
                });
        try (ModelRepository repository = onRequest(root, loader);
                ExecutorService callers = Executors.newSingleThreadExecutor()) {
            Future<?> call = callers.submit(() -> load(repository, "m"));
            loading.await();
            assertThat(repository.index()).containsExactly(entry("m", 1, VersionState.LOADING, ""));
            goOn.countDown();
            call.get();

            assertThat(repository.index()).containsExactly(ready("m", 1));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
