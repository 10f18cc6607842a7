package io.nereid.repository;

import static io.nereid.repository.TestModels.IO;
import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.ensemble;
import static io.nereid.repository.TestModels.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.TextFormat;
import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRepositoryTest {
    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();

    private void model(String name, String config, long... versions) {
        TestModels.write(root, name, config, versions);
    }

    private ModelRepository repository() {
        return new ModelRepository(RepositoryOptions.of(List.of(root)), loader);
    }

    private ModelRepository explicit(String... names) {
        return new ModelRepository(
                new RepositoryOptions(
                        List.of(root.toString()),
                        StartupModels.explicit(List.of(names)),
                        true,
                        true,
                        Optional.empty(),
                        2,
                        0,
                        GpuInventory.NONE,
                        false,
                        Optional.empty()),
                loader);
    }

    private static IndexEntry ready(String name, long version) {
        return new IndexEntry(name, OptionalLong.of(version), Optional.of(VersionState.READY), "");
    }

    private static IndexEntry unavailable(String name, long version, String reason) {
        return new IndexEntry(
                name, OptionalLong.of(version), Optional.of(VersionState.UNAVAILABLE), reason);
    }

    private static IndexEntry bare(String name) {
        return new IndexEntry(name, OptionalLong.empty(), Optional.empty(), "");
    }

    @Test
    void triesAgainToLoadAVersionAsOftenAsItIsTold() {
        model("late", PLAIN, 1);
        model("never", PLAIN, 1);
        AtomicInteger late = new AtomicInteger();
        AtomicInteger never = new AtomicInteger();
        loader.onLoad(
                "late",
                (_, _) -> {
                    if (late.incrementAndGet() < 3) {
                        throw new StatusException(StatusCode.UNAVAILABLE, "not yet");
                    }
                });
        loader.onLoad(
                "never",
                (_, _) -> {
                    never.incrementAndGet();
                    throw new IllegalStateException("never");
                });
        RepositoryOptions patient =
                new RepositoryOptions(
                        List.of(root.toString()),
                        new StartupModels.All(),
                        false,
                        true,
                        Optional.empty(),
                        4,
                        2,
                        GpuInventory.NONE,
                        false,
                        Optional.empty());

        try (ModelRepository repository = new ModelRepository(patient, loader)) {
            assertThat(repository.loadAll().allLoaded()).isFalse();

            assertThat(repository.readyVersions("late")).containsExactly(1L);
            assertThat(late).hasValue(3);
            assertThat(repository.readyVersions("never")).isEmpty();
            assertThat(never).hasValue(3);
        }
    }

    @Test
    void oneBrokenModelNeverStopsTheOthers() {
        model("bad_backend", "backend: 'nosuchbackend'" + IO, 1);
        model("bad_file", PLAIN, 1);
        model("bad_syntax", "foo: 1", 1);
        model("crashing", PLAIN, 1);
        model("empty", PLAIN);
        model("good", PLAIN, 1);
        loader.onLoad(
                "bad_file",
                (_, _) -> {
                    throw new StatusException(StatusCode.INTERNAL, "cannot parse model");
                });
        loader.onLoad(
                "crashing",
                (_, _) -> {
                    throw new UnsatisfiedLinkError("no such library");
                });

        try (ModelRepository repository = repository()) {
            LoadSummary summary = repository.loadAll();

            assertThat(repository.index())
                    .containsExactly(
                            unavailable(
                                    "bad_backend",
                                    1,
                                    "Invalid argument: unable to find backend library for backend"
                                            + " 'nosuchbackend', try specifying runtime on the"
                                            + " model configuration."),
                            unavailable("bad_file", 1, "Internal: cannot parse model"),
                            bare("bad_syntax"),
                            unavailable("crashing", 1, "Internal: no such library"),
                            ready("good", 1));
            assertThat(summary.allLoaded()).isFalse();
            assertThat(summary.rows())
                    .contains(
                            new LoadSummary.Row("good", "1", "READY"),
                            new LoadSummary.Row(
                                    "empty", "-", "Not loaded: No model version was found"),
                            new LoadSummary.Row(
                                    "bad_file", "1", "UNAVAILABLE: Internal: cannot parse model"));
            assertThat(repository.allReady()).isFalse();
            assertThat(repository.model("good", OptionalLong.empty()).version()).isEqualTo(1);
        }
        assertThat(loader.open).hasValue(0);
    }

    private static void assertUnknown(
            ModelRepository repository,
            String name,
            OptionalLong version,
            StatusCode code,
            String detail) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> repository.model(name, version))
                .satisfies(e -> {
                    assertThat(e.text()).isEqualTo("Request for unknown model: " + detail);
                    assertThat(e.code()).isEqualTo(code);
                });
    }

    @Test
    void saysWhyAModelDoesNotAnswer() {
        model("failing", PLAIN, 1);
        model("empty", PLAIN);
        model("broken", "foo: 1", 1);
        model("good", PLAIN, 1);
        loader.onLoad(
                "failing",
                (_, _) -> {
                    throw StatusException.invalidArgument("no");
                });
        OptionalLong any = OptionalLong.empty();

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            assertUnknown(repository, "none", any, StatusCode.NOT_FOUND, "'none' is not found");
            assertUnknown(repository, "broken", any, StatusCode.NOT_FOUND, "'broken' is not found");
            assertUnknown(
                    repository,
                    "failing",
                    any,
                    StatusCode.NOT_FOUND,
                    "'failing' has no available versions");
            assertUnknown(
                    repository,
                    "empty",
                    any,
                    StatusCode.NOT_FOUND,
                    "'empty' has no available versions");
            assertUnknown(
                    repository,
                    "good",
                    OptionalLong.of(9),
                    StatusCode.NOT_FOUND,
                    "'good' version 9 is not found");
            assertUnknown(
                    repository,
                    "failing",
                    OptionalLong.of(1),
                    StatusCode.UNAVAILABLE,
                    "'failing' version 1 is not at ready state");
        }
    }

    @Test
    void servesTheVersionsOfThePolicyAndAnswersWithTheNewest() {
        model("m", "version_policy { latest { num_versions: 2 } } " + PLAIN, 1, 2, 10);

        try (ModelRepository repository = repository()) {
            assertThat(repository.loadAll().allLoaded()).isTrue();

            assertThat(repository.readyVersions("m")).containsExactly(2L, 10L);
            assertThat(repository.model("m", OptionalLong.empty()).version()).isEqualTo(10);
            assertThat(repository.model("m", OptionalLong.of(2)).version()).isEqualTo(2);
            assertThat(repository.index()).containsExactly(ready("m", 2), ready("m", 10));
            assertThat(repository.readyVersions("none")).isEmpty();
            assertThat(repository.allReady()).isTrue();
        }
    }

    @Test
    void loadsAllVersionsOfAModelOrNone() {
        model("m", "version_policy { all { } } " + PLAIN, 1, 2);
        loader.onLoad(
                "m",
                (_, version) -> {
                    if (version == 2) {
                        throw new StatusException(StatusCode.INTERNAL, "broken");
                    }
                });

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            assertThat(repository.index())
                    .containsExactly(
                            unavailable("m", 1, "unloaded"),
                            unavailable("m", 2, "Internal: broken"));
            assertThat(loader.closed).containsExactly("m:1");
            assertThat(loader.open).hasValue(0);
        }
    }

    @Test
    void loadsEnsemblesAfterTheirMembersAndClosesThemBefore() {
        model("a_outer", ensemble("b_inner", "z_plain"), 1);
        model("b_inner", ensemble("z_plain", "y_plain"), 1);
        model("y_plain", PLAIN, 1);
        model("z_plain", PLAIN, 1);
        ModelRepository repository = repository();
        loader.holding(repository::lease);
        AtomicReference<Model> member = new AtomicReference<>();
        loader.onLoad(
                "b_inner", (_, _) -> member.set(repository.model("z_plain", OptionalLong.empty())));

        assertThat(repository.loadAll().allLoaded()).isTrue();
        repository.close();

        assertThat(loader.loaded).endsWith("b_inner:1", "a_outer:1").hasSize(4);
        assertThat(loader.closed).startsWith("a_outer:1", "b_inner:1").hasSize(4);
        assertThat(member.get().config().name()).isEqualTo("z_plain");
        assertThat(loader.open).hasValue(0);
        assertThat(repository.index())
                .containsExactly(
                        unavailable("a_outer", 1, "unloaded"),
                        unavailable("b_inner", 1, "unloaded"),
                        unavailable("y_plain", 1, "unloaded"),
                        unavailable("z_plain", 1, "unloaded"));
        assertThat(repository.allReady()).isTrue();
    }

    @Test
    void saysWhichMemberKeepsAnEnsembleFromLoading() {
        model("failing", PLAIN, 1);
        model("good", PLAIN, 1);
        model("unparsable", "foo: 1", 1);
        model("needs_failing", ensemble("good", "failing"), 1);
        model("needs_missing", ensemble("none", "good", "also_none"), 1);
        model("needs_needs", ensemble("needs_missing"), 1);
        model("needs_unparsable", ensemble("unparsable"), 1);
        model(
                "needs_version",
                "platform: 'ensemble'"
                        + IO
                        + "ensemble_scheduling {"
                        + step("good", 7, "x", "y")
                        + "}",
                1);
        loader.onLoad(
                "failing",
                (_, _) -> {
                    throw StatusException.invalidArgument("no");
                });

        try (ModelRepository repository = repository()) {
            assertThat(repository.loadAll().allLoaded()).isFalse();

            String missing =
                    "ensemble needs_missing contains models that are not available or ambiguous:"
                            + " also_none, none";
            assertThat(repository.index())
                    .contains(
                            unavailable(
                                    "needs_failing",
                                    1,
                                    "Invalid argument: ensemble 'needs_failing' depends on"
                                            + " 'failing' which has no loaded version. Model"
                                            + " 'failing' loading failed with error: version 1 is"
                                            + " at UNAVAILABLE state: Invalid argument: no;"),
                            unavailable("needs_missing", 1, "Invalid argument: " + missing),
                            unavailable(
                                    "needs_needs",
                                    1,
                                    "Invalid argument: ensemble 'needs_needs' depends on"
                                            + " 'needs_missing' which is not valid. Model"
                                            + " 'needs_missing' failed with error: "
                                            + missing),
                            unavailable(
                                    "needs_unparsable",
                                    1,
                                    "Invalid argument: ensemble needs_unparsable contains models"
                                            + " that are not available or ambiguous: unparsable"),
                            unavailable(
                                    "needs_version",
                                    1,
                                    "Invalid argument: ensemble 'needs_version' depends on 'good'"
                                            + " whose required version 7 is not loaded."),
                            ready("good", 1));
        }
    }

    @Test
    void refusesEnsemblesThatAskEachOther() {
        model("self", ensemble("self"), 1);
        model("a", ensemble("b"), 1);
        model("b", ensemble("a"), 1);
        model("user", ensemble("a"), 1);

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            String circle =
                    "Invalid argument: circular dependency between ensembles: a -> ... -> b -> a";
            assertThat(repository.index())
                    .contains(
                            unavailable("a", 1, circle),
                            unavailable("b", 1, circle),
                            unavailable(
                                    "self",
                                    1,
                                    "Invalid argument: circular dependency between ensembles: self"
                                            + " -> ... -> self -> self"));
            assertThat(repository.readyVersions("user")).isEmpty();
        }
    }

    @Test
    void makesAnEnsembleDecoupledIfAMemberIs() {
        model("stream", PLAIN + "model_transaction_policy { decoupled: true }", 1);
        model("good", PLAIN, 1);
        model("streaming", ensemble("good", "stream"), 1);
        model("plain", ensemble("good"), 1);

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            assertThat(config(repository, "streaming").decoupled()).isTrue();
            assertThat(config(repository, "plain").decoupled()).isFalse();
        }
    }

    private static io.nereid.protocol.ModelConfig config(ModelRepository repository, String name) {
        return repository.model(name, OptionalLong.empty()).config();
    }

    @Test
    void loadsNamedModelsAndWhatTheirEnsemblesAsk() {
        model("a", PLAIN, 1);
        model("b", PLAIN, 1);
        model("inner", ensemble("a"), 1);
        model("outer", ensemble("inner"), 1);

        try (ModelRepository repository = explicit("outer", "none")) {
            LoadSummary summary = repository.loadAll();

            assertThat(loader.loaded).containsExactly("a:1", "inner:1", "outer:1");
            assertThat(repository.index())
                    .containsExactly(
                            ready("a", 1), bare("b"), ready("inner", 1), ready("outer", 1));
            assertThat(summary.rows())
                    .contains(
                            new LoadSummary.Row(
                                    "none",
                                    "-",
                                    "Not loaded: model not found in any model repository."));
            assertThat(summary.allLoaded()).isFalse();
            assertThat(repository.allReady()).isTrue();
        }
    }

    @Test
    void takesAStarForAllModels() {
        model("a", PLAIN, 1);
        model("b", PLAIN, 1);

        try (ModelRepository repository = explicit("*")) {
            assertThat(repository.loadAll().allLoaded()).isTrue();
            assertThat(loader.loaded).containsExactlyInAnyOrder("a:1", "b:1");
        }
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> explicit("*", "a"))
                .withMessage(
                        "Wildcard model name '*' must be the ONLY startup model if specified at"
                                + " all.");
    }

    @Test
    void refusesAModelThatLiesInTwoRepositories(@TempDir Path other) {
        model("m", PLAIN, 1);
        model("n", PLAIN, 1);
        TestModels.write(other, "m", PLAIN, 1);

        try (ModelRepository repository =
                new ModelRepository(RepositoryOptions.of(List.of(root, other, root)), loader)) {
            assertThat(repository.loadAll().allLoaded()).isFalse();

            assertThat(repository.index())
                    .containsExactly(
                            new IndexEntry(
                                    "m",
                                    OptionalLong.empty(),
                                    Optional.of(VersionState.UNAVAILABLE),
                                    "model appears in two or more repositories"),
                            ready("n", 1));
        }
    }

    @Test
    void takesOnlyWhatAnEngineMayComplete() throws Exception {
        model("m", "backend: 'identity' parameters { key: 'k' value { string_value: 'v' } }", 1);
        ModelConfigProto.ModelConfig completed =
                TextFormat.parse(
                        "name: 'other' max_batch_size: 4 dynamic_batching { }" + IO,
                        ModelConfigProto.ModelConfig.class);
        loader.completing(_ -> completed);

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            ModelConfigProto.ModelConfig message = config(repository, "m").message();
            assertThat(message.getName()).isEqualTo("m");
            assertThat(message.getMaxBatchSize()).isEqualTo(4);
            assertThat(message.getInputCount()).isEqualTo(1);
            assertThat(message.getDynamicBatching().getPreferredBatchSizeList()).containsExactly(4);
            assertThat(message.getParametersMap()).containsKey("k");
        }
    }

    @Test
    void letsNoEngineExchangeTheScheduler() throws Exception {
        model("m", PLAIN + "sequence_batching { }", 1);
        loader.completing(config ->
                config.toBuilder()
                        .setDynamicBatching(ModelConfigProto.ModelDynamicBatching.newBuilder())
                        .build());

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            assertThat(repository.index())
                    .containsExactly(
                            unavailable(
                                    "m",
                                    1,
                                    "Internal: Cannot update scheduling choice from 13 to 13 when"
                                            + " auto-completing."));
        }
    }

    @Test
    void asksForACompleteConfigurationWithoutAutoCompletion() throws IOException {
        model("complete", PLAIN, 1);
        model("incomplete", "backend: 'identity' input { name: 'x' }", 1);
        Files.createDirectories(root.resolve("missing/1"));
        RepositoryOptions strict =
                new RepositoryOptions(
                        List.of(root.toString()),
                        new StartupModels.All(),
                        false,
                        false,
                        Optional.empty(),
                        4,
                        0,
                        GpuInventory.NONE,
                        false,
                        Optional.empty());

        try (ModelRepository repository = new ModelRepository(strict, loader)) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(
                            new LoadSummary.Row("complete", "1", "READY"),
                            new LoadSummary.Row(
                                    "incomplete",
                                    "-",
                                    "Not loaded: model input 'x' must specify 'data_type' for"
                                            + " incomplete"),
                            new LoadSummary.Row(
                                    "missing",
                                    "-",
                                    "Not loaded: failed to open text file for read "
                                            + root.resolve("missing/config.pbtxt")
                                            + ": No such file or directory"));
        }
    }

    @Test
    void prefersTheNamedConfiguration() throws IOException {
        model("a", PLAIN + "max_batch_size: 1", 1);
        model("b", PLAIN + "max_batch_size: 1", 1);
        Path configs = Files.createDirectories(root.resolve("a/configs"));
        Files.writeString(configs.resolve("fast.pbtxt"), PLAIN + "max_batch_size: 7");
        RepositoryOptions named =
                new RepositoryOptions(
                        List.of(root.toString()),
                        new StartupModels.All(),
                        false,
                        true,
                        Optional.of("fast"),
                        4,
                        0,
                        GpuInventory.NONE,
                        false,
                        Optional.empty());

        try (ModelRepository repository = new ModelRepository(named, loader)) {
            repository.loadAll();

            assertThat(config(repository, "a").maxBatchSize()).isEqualTo(7);
            assertThat(config(repository, "b").maxBatchSize()).isEqualTo(1);
        }
    }

    @Test
    void wantsTheModelCalledAsItsDirectory() {
        model("m", "name: 'n' " + PLAIN, 1);

        try (ModelRepository repository = repository()) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(
                            new LoadSummary.Row(
                                    "m",
                                    "-",
                                    "Not loaded: unexpected directory name 'm' for model 'n',"
                                            + " directory name must equal model name"));
        }
    }

    @Test
    void opensNoMoreVersionsAtATimeThanAllowed() {
        for (int i = 0; i < 12; i++) {
            model("m" + i, PLAIN, 1);
        }
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch two = new CountDownLatch(2);
        for (int i = 0; i < 12; i++) {
            loader.onLoad(
                    "m" + i,
                    (_, _) -> {
                        most.accumulateAndGet(now.incrementAndGet(), Math::max);
                        two.countDown();
                        await(two);
                        now.decrementAndGet();
                    });
        }

        try (ModelRepository repository = explicit("*")) {
            assertThat(repository.loadAll().allLoaded()).isTrue();
        }

        assertThat(most).hasValue(2);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void answersLookUpsWhileModelsLoad() throws Exception {
        for (int i = 0; i < 20; i++) {
            model("m" + i, "version_policy { all { } }" + PLAIN, 1, 2);
        }
        CountDownLatch stop = new CountDownLatch(1);
        List<Future<Integer>> readers = new ArrayList<>();
        try (ModelRepository repository = repository();
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int r = 0; r < 4; r++) {
                readers.add(threads.submit(() -> lookUpUntil(stop, repository)));
            }
            assertThat(repository.loadAll().allLoaded()).isTrue();
            stop.countDown();
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isEqualTo(20);
            }
        }
    }

    /** Models that answered in the last round; fails if a model is ever served by a part. */
    private static int lookUpUntil(CountDownLatch stop, ModelRepository repository) {
        while (true) {
            boolean last = stop.getCount() == 0;
            int found = 0;
            for (int i = 0; i < 20; i++) {
                List<Long> ready = repository.readyVersions("m" + i);
                if (ready.size() == 1) {
                    throw new IllegalStateException("m" + i + " is served by a part: " + ready);
                }
                found += ready.isEmpty() ? 0 : 1;
            }
            if (last) {
                return found;
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void closesTheRestWhenAModelFailsToClose() {
        model("a", PLAIN, 1);
        model("b", PLAIN, 1);
        model("c", PLAIN, 1);
        loader.onClose(
                "b",
                () -> {
                    throw new IllegalStateException("cannot close");
                });
        ModelRepository repository = repository();
        repository.loadAll();

        repository.close();

        assertThat(loader.closed).containsExactlyInAnyOrder("a:1", "b:1", "c:1");
        assertThat(repository.readyVersions("b")).isEmpty();
    }

    @Test
    void leavesNothingOpenWhenClosedWhileLoading() throws Exception {
        for (int i = 0; i < 8; i++) {
            model("m" + i, PLAIN, 1);
        }
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        for (int i = 0; i < 8; i++) {
            loader.onLoad(
                    "m" + i,
                    (_, _) -> {
                        loading.countDown();
                        await(closing);
                    });
        }
        ModelRepository repository = explicit("*");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<LoadSummary> summary = threads.submit(repository::loadAll);
            loading.await();
            Future<?> closed = threads.submit(repository::close);
            closing.countDown();
            summary.get();
            closed.get();
        }

        assertThat(loader.open).hasValue(0);
        assertThat(loader.closed).hasSameSizeAs(loader.loaded);
    }

    @Test
    void leavesNoVersionOpenWhenClosedWhileAModelOfSeveralLoads() throws Exception {
        model("m", "version_policy { all { } } " + PLAIN, 1, 2, 3, 4);
        CountDownLatch loading = new CountDownLatch(2);
        CountDownLatch closing = new CountDownLatch(1);
        loader.onLoad(
                "m",
                (_, _) -> {
                    loading.countDown();
                    await(closing);
                });
        ModelRepository repository = explicit("*");
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<LoadSummary> summary = threads.submit(repository::loadAll);
            loading.await();
            Future<?> closed = threads.submit(repository::close);
            closing.countDown();
            summary.get();
            closed.get();
        }

        assertThat(loader.open).hasValue(0);
        assertThat(repository.readyVersions("m")).isEmpty();
    }

    @Test
    void refusesToLoadOnceClosed() {
        model("m", PLAIN, 1);
        ModelRepository repository = repository();
        repository.close();

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(repository::loadAll)
                .withMessage("Server exiting");
        assertThat(loader.loaded).isEmpty();
    }

    @Test
    void knowsTheLabelsOfModelsAndEnsembles() throws IOException {
        String labelled = PLAIN.replace("name: 'y'", "name: 'y' label_filename: 'l.txt'");
        model("classifier", labelled, 1);
        Files.writeString(root.resolve("classifier/l.txt"), "cat\n\ndog\r\n");
        model("plain", PLAIN, 1);
        model("inherits", ensemble("plain", "classifier"), 1);
        model(
                "own",
                ensemble("plain", "classifier")
                        .replace("name: 'y'", "name: 'y' label_filename: 'o'"),
                1);
        Files.writeString(root.resolve("own/o"), "one");
        model("missing", labelled, 1);

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            assertThat(label(repository, "classifier", 0)).contains("cat");
            assertThat(label(repository, "classifier", 1)).contains("");
            assertThat(label(repository, "classifier", 2)).contains("dog\r");
            assertThat(label(repository, "classifier", 3)).isEmpty();
            assertThat(label(repository, "classifier", -1)).isEmpty();
            assertThat(label(repository, "inherits", 0)).contains("cat");
            assertThat(label(repository, "own", 0)).contains("one");
            assertThat(label(repository, "own", 1)).isEmpty();
            assertThat(label(repository, "plain", 0)).isEmpty();
            assertThat(repository.index())
                    .contains(
                            unavailable(
                                    "missing",
                                    1,
                                    "Internal: failed to open text file for read "
                                            + root.resolve("missing/l.txt")
                                            + ": No such file or directory"));
        }
    }

    private static Optional<String> label(ModelRepository repository, String model, long index) {
        try (ModelLease lease = repository.lease(model, OptionalLong.empty())) {
            return lease.labels().label("y", index);
        }
    }

    @Test
    void takesNoLabelsThroughALinkOutOfTheModel() throws IOException {
        model("m", PLAIN.replace("name: 'y'", "name: 'y' label_filename: 'l.txt'"), 1);
        Path secret = Files.writeString(root.resolve("secret"), "s");
        Files.createSymbolicLink(root.resolve("m/l.txt"), secret);

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            assertThat(repository.index())
                    .containsExactly(
                            unavailable(
                                    "m",
                                    1,
                                    "Unsupported: label file path '"
                                            + root.resolve("m/l.txt")
                                            + "' for output 'y' in model 'm' is outside model"
                                            + " directory"));
        }
    }

    private static String agent(String name, String parameter) {
        return " model_repository_agents { agents { name: '" + name + "' " + parameter + " } } ";
    }

    @Test
    void comparesChecksumsAndRefusesOtherAgents() throws IOException {
        String sum = "parameters { key: 'MD5:1/model' value: '%s' }";
        String right = sum.formatted("900150983CD24FB0D6963F7D28E17F72");
        model("changed", PLAIN + agent("checksum", sum.formatted("0")), 1);
        model("good", PLAIN + agent("checksum", right), 1);
        model("native", PLAIN + agent("other", ""), 1);
        model("odd", PLAIN + agent("checksum", "parameters { key: 'SHA:x' value: '' }"), 1);
        for (String name : List.of("changed", "good")) {
            Files.writeString(root.resolve(name).resolve("1/model"), "abc");
        }

        try (ModelRepository repository = repository()) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(
                            new LoadSummary.Row(
                                    "changed",
                                    "-",
                                    "Not loaded: Mismatched MD5 hash for file "
                                            + root.resolve("changed/1/model")
                                            + ", expect: 0, got: 900150983cd24fb0d6963f7d28e17f72"),
                            new LoadSummary.Row("good", "1", "READY"),
                            new LoadSummary.Row(
                                    "native",
                                    "-",
                                    "Not loaded: unable to find 'libtritonrepoagent_other.so' for"
                                            + " repo agent 'other', searched:"
                                            + " /opt/tritonserver/repoagents/other"),
                            new LoadSummary.Row(
                                    "odd", "-", "Not loaded: Unsupported checksum algorithm: SHA"));
        }
    }

    @Test
    void refusesARuntimeThatCannotBeHad() {
        model("usual", "runtime: 'libtriton_identity.so' " + PLAIN, 1);
        model("other", "runtime: 'model.py' " + PLAIN, 1);

        try (ModelRepository repository = repository()) {
            repository.loadAll();

            assertThat(repository.index())
                    .containsExactly(
                            unavailable(
                                    "other",
                                    1,
                                    "Invalid argument: unable to find backend library 'model.py'"
                                            + " for model 'other', searched: '"
                                            + root.resolve("other/1")
                                            + "' '"
                                            + root.resolve("other")
                                            + "' "),
                            ready("usual", 1));
        }
    }

    @Test
    void reportsARepositoryThatHasGone() throws IOException {
        Path gone = Files.createDirectory(root.resolve("gone"));
        try (ModelRepository repository =
                new ModelRepository(RepositoryOptions.of(List.of(gone)), loader)) {
            Files.delete(gone);

            assertThat(repository.loadAll())
                    .isEqualTo(
                            new LoadSummary(
                                    List.of(
                                            new LoadSummary.Row(
                                                    gone.toString(),
                                                    "-",
                                                    "Not loaded: failed to stat file " + gone)),
                                    false));
        }
    }
}
