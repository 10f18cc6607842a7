package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.ensemble;
import static io.nereid.repository.TestModels.entry;
import static io.nereid.repository.TestModels.load;
import static io.nereid.repository.TestModels.onRequest;
import static io.nereid.repository.TestModels.ready;
import static io.nereid.repository.TestModels.unloaded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.backend.ModelLease;
import io.nereid.protocol.StatusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unloading on request: what goes, what stays, and when it is gone. */
class UnloadTest {
    private static final OptionalLong ANY = OptionalLong.empty();

    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();

    private void model(String name, String config, long... versions) {
        TestModels.write(root, name, config, versions);
    }

    @Test
    void takesAModelThatIsNotThereForUnloaded() {
        try (ModelRepository repository = onRequest(root, loader)) {
            repository.unload("none", true);
            repository.awaitUnloaded("none");

            assertThat(repository.index()).isEmpty();
        }
    }

    private static void assertUnknown(
            ModelRepository repository, OptionalLong version, String detail) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> repository.lease("m", version))
                .withMessage("Request for unknown model: 'm' " + detail);
    }

    @Test
    void refusesNewRequestsAtOnceAndIsGoneWhenTheLastOneHasEnded() throws Exception {
        model("m", PLAIN, 1);
        try (ModelRepository repository = onRequest(root, loader, "m");
                ExecutorService callers = Executors.newSingleThreadExecutor()) {
            ModelLease first = repository.lease("m", ANY);
            ModelLease second = repository.lease("m", OptionalLong.of(1));

            repository.unload("m", false);

            assertUnknown(repository, ANY, "has no available versions");
            assertUnknown(repository, OptionalLong.of(1), "version 1 is not at ready state");
            assertThat(repository.index())
                    .containsExactly(entry("m", 1, VersionState.UNLOADING, ""));
            Future<?> gone = callers.submit(() -> repository.awaitUnloaded("m"));
            first.close();
            assertThat(loader.closed).isEmpty();
            second.close();
            gone.get();
            assertThat(repository.index()).containsExactly(unloaded("m", 1));
            assertThat(repository.allReady()).isTrue();
            assertThat(loader.closed).containsExactly("m:1");
        }
        assertThat(loader.misused).hasValue(0);
    }

    @Test
    void loadsAgainWhileTheOldVersionStillAnswers() throws Exception {
        model("m", PLAIN, 1);
        CountDownLatch closed = new CountDownLatch(1);
        loader.onClose("m", closed::countDown);
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            ModelLease old = repository.lease("m", ANY);
            repository.unload("m", false);

            load(repository, "m");
            old.close();
            closed.await();

            assertThat(repository.index()).containsExactly(ready("m", 1));
            assertThat(loader.loaded).containsExactly("m:1", "m:1");
        }
        assertThat(loader.open).hasValue(0);
    }

    @Test
    void takesEnsemblesAlongThatLoseAMemberAndBringsThemBackWithIt() {
        model("a", PLAIN, 1);
        model("b", PLAIN, 1);
        model("inner", ensemble("a"), 1);
        model("outer", ensemble("inner", "b"), 1);
        try (ModelRepository repository = onRequest(root, loader, "*")) {
            repository.unload("a", false);
            repository.awaitUnloaded("outer");
            repository.awaitUnloaded("inner");
            repository.awaitUnloaded("a");

            assertThat(repository.index())
                    .containsExactly(
                            unloaded("a", 1),
                            ready("b", 1),
                            unloaded("inner", 1),
                            unloaded("outer", 1));
            load(repository, "a");
            assertThat(repository.index())
                    .containsExactly(
                            ready("a", 1), ready("b", 1), ready("inner", 1), ready("outer", 1));
        }
        assertThat(loader.open).hasValue(0);
    }

    @Test
    void leavesAnEnsembleUnloadedThatWasUnloadedByName() {
        model("a", PLAIN, 1);
        model("e", ensemble("a"), 1);
        try (ModelRepository repository = onRequest(root, loader, "*")) {
            repository.unload("e", false);
            repository.unload("a", false);

            load(repository, "a");

            assertThat(repository.readyVersions("a")).containsExactly(1L);
            assertThat(repository.readyVersions("e")).isEmpty();
        }
    }

    @Test
    void leavesAnUnloadedEnsembleUnloadedWhileAnotherMemberIsMissing() {
        model("a", PLAIN, 1);
        model("b", PLAIN, 1);
        model("e", ensemble("a", "b"), 1);
        try (ModelRepository repository = onRequest(root, loader, "*")) {
            repository.unload("a", false);
            repository.unload("b", false);
            repository.awaitUnloaded("e");

            load(repository, "a");

            assertThat(repository.index()).contains(unloaded("e", 1));
            assertThat(repository.allReady()).isTrue();
        }
    }

    @Test
    void keepsTheMembersOfAnEnsembleWithoutTheFlag() {
        model("a", PLAIN, 1);
        model("e", ensemble("a"), 1);
        try (ModelRepository repository = onRequest(root, loader, "e")) {
            repository.unload("e", false);

            assertThat(repository.readyVersions("a")).containsExactly(1L);
        }
    }

    @Test
    void takesMembersAlongThatAreThereForNothingElse() {
        model("alone", PLAIN, 1);
        model("named", PLAIN, 1);
        model("shared", PLAIN, 1);
        model("inner", ensemble("alone"), 1);
        model("e", ensemble("inner", "named", "shared"), 1);
        model("other", ensemble("shared"), 1);
        try (ModelRepository repository = onRequest(root, loader, "e", "other")) {
            load(repository, "named");

            repository.unload("e", true);

            assertThat(repository.readyVersions("e")).isEmpty();
            assertThat(repository.readyVersions("inner")).isEmpty();
            assertThat(repository.readyVersions("alone")).isEmpty();
            assertThat(repository.readyVersions("named")).containsExactly(1L);
            assertThat(repository.readyVersions("shared")).containsExactly(1L);
            assertThat(repository.readyVersions("other")).containsExactly(1L);
        }
    }

    @Test
    void keepsAMemberOpenForTheRequestsOfItsEnsemble() throws Exception {
        model("a", PLAIN, 1);
        model("e", ensemble("a"), 1);
        try (ModelRepository repository = onRequest(root, loader, "*")) {
            ModelLease request = repository.lease("e", ANY);

            repository.unload("a", false);

            assertThat(repository.readyVersions("a")).isEmpty();
            assertThat(loader.closed).isEmpty();
            request.close();
            repository.awaitUnloaded("a");
            assertThat(loader.closed).containsExactly("e:1", "a:1");
        }
    }

    @Test
    void knowsTheLabelsOfAModelThatStillAnswers() throws Exception {
        String labelled = PLAIN.replace("name: 'y'", "name: 'y' label_filename: 'l'");
        model("m", labelled, 1);
        Files.writeString(root.resolve("m/l"), "cat");
        try (ModelRepository repository = onRequest(root, loader, "m")) {
            ModelLease request = repository.lease("m", ANY);

            repository.unload("m", false);

            assertThat(request.labels().label("y", 0)).contains("cat");
            request.close();
            repository.awaitUnloaded("m");
            assertThat(request.labels().label("y", 0)).contains("cat");
        }
    }
}
