package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.ensemble;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repositories that are watched: real directories, simulated time. */
class PollingTest {
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final int INTERRUPTED_COPIES = 100;

    @TempDir Path root;

    private final AtomicLong clock = new AtomicLong();
    private final FakeLoader loader = new FakeLoader();
    private Optional<ModelRepository> repository = Optional.empty();

    @BeforeEach
    void lookAtFilesOfThatName() throws IOException {
        Files.createDirectories(root.resolve("models"));
    }

    @AfterEach
    void close() {
        repository.ifPresent(ModelRepository::close);
        assertThat(loader.open).hasValue(0);
    }

    private Path models() {
        return root.resolve("models");
    }

    private ModelRepository watching(StartupModels startup, Path... paths) {
        return watching(startup, Optional.empty(), paths);
    }

    private ModelRepository watching(
            StartupModels startup, Optional<String> marker, Path... paths) {
        RepositoryOptions options =
                new RepositoryOptions(
                        Stream.of(paths).map(Path::toString).toList(),
                        startup,
                        false,
                        true,
                        Optional.empty(),
                        2,
                        0,
                        GpuInventory.NONE,
                        false,
                        Optional.of(new PollOptions(Duration.ofSeconds(15), QUIET, marker)));
        ModelRepository made = new ModelRepository(options, loader, clock::get);
        loader.holding(made::lease);
        repository = Optional.of(made);
        polling().start(this::pass);
        return made;
    }

    private ModelRepository watchingAll() {
        return watching(new StartupModels.All(), models());
    }

    private RepositoryPolling polling() {
        return repository.flatMap(ModelRepository::polling).orElseThrow();
    }

    private boolean pass(Duration time) {
        clock.addAndGet(time.toNanos());
        return true;
    }

    /** Sees a change, and sees it again when it has been quiet. */
    private void lookTwice() {
        polling().look();
        pass(QUIET);
        polling().look();
    }

    private static String batchOf(int size) {
        return PLAIN + " max_batch_size: " + size;
    }

    @Test
    void loadsWhatComesReloadsWhatChangesUnloadsWhatGoes() throws IOException {
        TestModels.write(models(), "early", PLAIN, 1);
        ModelRepository watched = watchingAll();
        assertThat(watched.index()).containsExactly(TestModels.ready("early", 1));

        TestModels.write(models(), "late", PLAIN, 1);
        lookTwice();
        assertThat(watched.index())
                .containsExactly(TestModels.ready("early", 1), TestModels.ready("late", 1));

        TestModels.write(models(), "late", batchOf(3), 1, 2);
        lookTwice();
        assertThat(watched.model("late", OptionalLong.empty()).version()).isEqualTo(2);
        assertThat(watched.model("late", OptionalLong.empty()).config().maxBatchSize())
                .isEqualTo(3);

        delete(models().resolve("early"));
        lookTwice();
        TestModels.assertRefused(
                () -> watched.model("early", OptionalLong.empty()),
                StatusCode.NOT_FOUND,
                "Request for unknown model: 'early' has no available versions");
        assertThat(watched.allReady()).isTrue();
        assertThat(loader.loaded).containsExactly("early:1", "late:1", "late:2");
    }

    @Test
    void oneBrokenModelStopsNothingAndIsTriedAgainLessOften() {
        TestModels.write(models(), "broken", "backend: 'identity' imput {}", 1);
        TestModels.write(models(), "failing", PLAIN, 1);
        AtomicInteger attempts = new AtomicInteger();
        loader.onLoad(
                "failing",
                (_, _) -> {
                    attempts.incrementAndGet();
                    throw new IllegalStateException("no");
                });
        ModelRepository watched = watchingAll();
        TestModels.write(models(), "good", PLAIN, 1);
        for (int i = 0; i < 3600; i++) {
            polling().look();
            pass(Duration.ofSeconds(1));
        }
        assertThat(watched.readyVersions("good")).containsExactly(1L);
        // At the start, after 15, 30, 60, 120 and 240 s, then every 300 s.
        assertThat(attempts).hasValueBetween(14, 18);

        TestModels.change(models(), "broken", PLAIN);
        lookTwice();
        assertThat(watched.readyVersions("broken")).containsExactly(1L);
    }

    @Test
    void aFailedReloadLeavesTheOldVersionServing() {
        TestModels.write(models(), "m", PLAIN, 1);
        ModelRepository watched = watchingAll();

        TestModels.change(models(), "m", "backend: 'nosuchbackend'");
        lookTwice();

        assertThat(watched.readyVersions("m")).containsExactly(1L);
        assertThat(watched.model("m", OptionalLong.empty()).config().message().getBackend())
                .isEqualTo("identity");
    }

    @Test
    void servesOnlyWhatItWasToldTo() {
        TestModels.write(models(), "e", ensemble("member"), 1);
        TestModels.write(models(), "member", PLAIN, 1);
        TestModels.write(models(), "other", PLAIN, 1);
        ModelRepository watched = watching(new StartupModels.Named(List.of("e")), models());
        assertThat(watched.readyVersions("e")).containsExactly(1L);

        TestModels.change(models(), "other", batchOf(2));
        TestModels.write(models(), "another", PLAIN, 1);
        TestModels.change(models(), "member", batchOf(2));
        lookTwice();

        assertThat(watched.names()).containsExactly("e", "member");
        assertThat(watched.model("member", OptionalLong.empty()).config().maxBatchSize())
                .isEqualTo(2);
    }

    @Test
    void anEnsembleChangesItsMemberWithoutAGap() throws IOException {
        TestModels.write(models(), "old", PLAIN, 1);
        TestModels.write(models(), "e", ensemble("old"), 1);
        ModelRepository watched = watchingAll();
        AtomicInteger withoutEnsemble = new AtomicInteger();
        loader.onClose(
                "old",
                () -> {
                    if (watched.readyVersions("e").isEmpty()) {
                        withoutEnsemble.incrementAndGet();
                    }
                });

        TestModels.write(models(), "new", PLAIN, 1);
        TestModels.change(models(), "e", ensemble("new"));
        delete(models().resolve("old"));
        lookTwice();

        assertThat(watched.readyVersions("e")).containsExactly(1L);
        assertThat(watched.readyVersions("old")).isEmpty();
        watched.awaitUnloaded("old");
        assertThat(withoutEnsemble).hasValue(0);
    }

    @Test
    void aRepositoryThatCannotBeReadLosesNothing() throws IOException {
        TestModels.write(models(), "m", PLAIN, 1);
        Path second = Files.createDirectories(root.resolve("second"));
        TestModels.write(second, "n", PLAIN, 1);
        ModelRepository watched = watching(new StartupModels.All(), models(), second);

        Path away = Files.move(models(), root.resolve("away"));
        delete(second.resolve("n"));
        lookTwice();
        assertThat(watched.readyVersions("m")).containsExactly(1L);
        assertThat(watched.readyVersions("n")).isEmpty();

        Files.move(away, models());
        lookTwice();
        assertThat(watched.readyVersions("m")).containsExactly(1L);
        assertThat(loader.loaded).containsExactlyInAnyOrder("m:1", "n:1");
    }

    @Test
    void aModelInTwoRepositoriesIsUnloadedUntilItIsInOneOnly() throws IOException {
        Path second = Files.createDirectories(root.resolve("second"));
        TestModels.write(models(), "m", PLAIN, 1);
        ModelRepository watched = watching(new StartupModels.All(), models(), second);

        TestModels.write(second, "m", PLAIN, 1);
        lookTwice();
        assertThat(watched.readyVersions("m")).isEmpty();

        delete(second.resolve("m"));
        lookTwice();
        assertThat(watched.readyVersions("m")).containsExactly(1L);
    }

    @Test
    void whatIsWrittenWhileItIsLoadedDoesNotTakeOver() throws IOException {
        TestModels.write(models(), "m", PLAIN, 1);
        ModelRepository watched = watchingAll();
        Path label = models().resolve("m").resolve("labels.txt");
        loader.onLoad("m", (_, _) -> TestModels.append(label, "x"));

        TestModels.change(models(), "m", batchOf(4));
        lookTwice();
        assertThat(watched.model("m", OptionalLong.empty()).config().maxBatchSize()).isZero();

        loader.onLoad("m", (_, _) -> {});
        lookTwice();
        assertThat(watched.model("m", OptionalLong.empty()).config().maxBatchSize()).isEqualTo(4);
    }

    /**
     * A version that needs all its parts; its engine cannot tell by itself that some are missing.
     */
    @Test
    void aCopyThatWasKilledIsNeverServed() throws IOException {
        String marker = ".ready";
        RandomGenerator random = RandomGeneratorFactory.getDefault().create(4);
        TestModels.write(models(), "m", PLAIN, 1);
        TestModels.append(models().resolve("m").resolve("1").resolve("model"), "whole");
        TestModels.append(models().resolve("m").resolve(marker), "");
        AtomicInteger halves = new AtomicInteger();
        loader.onLoad(
                "m",
                (_, version) -> {
                    if (!TestModels.text(
                                    models().resolve("m").resolve(version + "").resolve("model"))
                            .equals("whole")) {
                        halves.incrementAndGet();
                    }
                });
        ModelRepository watched = watching(new StartupModels.All(), Optional.of(marker), models());

        long served = 1;
        for (int i = 0; i < INTERRUPTED_COPIES; i++) {
            long next = served + 1;
            Path version = models().resolve("m").resolve(Long.toString(next));
            int bytes = random.nextInt("whole".length());
            Files.createDirectories(version);
            TestModels.append(version.resolve("model"), "whole".substring(0, bytes));
            TestModels.touch(version.resolve("model"));
            lookTwice();
            assertThat(watched.readyVersions("m")).containsExactly(served);

            TestModels.append(version.resolve("model"), "whole".substring(bytes));
            lookTwice();
            assertThat(watched.readyVersions("m")).containsExactly(served);

            TestModels.touch(models().resolve("m").resolve(marker));
            lookTwice();
            assertThat(watched.readyVersions("m")).containsExactly(next);
            served = next;
        }
        assertThat(halves).hasValue(0);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
