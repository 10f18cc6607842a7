package io.nereid.server.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.FakeModel;
import io.nereid.server.statistics.CountedModel;
import io.nereid.server.statistics.VersionCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of one megabyte each, in a budget for some of them. */
class ModelMemoryTest {
    private static final int SIZE = 1 << 20;

    @TempDir Path root;

    private final Map<String, AtomicInteger> open = new ConcurrentHashMap<>();
    private final AtomicLong allocated = new AtomicLong();
    private final AtomicInteger misused = new AtomicInteger();
    private final ConcurrentLinkedQueue<Runnable> timers = new ConcurrentLinkedQueue<>();

    private ModelMemory memory(boolean lazy, int models, String... pinned) {
        return new ModelMemory(
                new MemoryOptions(
                        OptionalLong.of((long) models * SIZE),
                        lazy,
                        Set.of(pinned),
                        Duration.ofSeconds(1)),
                (_, event) -> timers.add(event),
                2,
                allocated::get,
                () -> {});
    }

    private Model open(ModelMemory memory, String name) {
        return open(memory, name, () -> {});
    }

    private Model open(ModelMemory memory, String name, Runnable whileOpening) {
        ModelConfig config = FakeModel.config(name, 0, 1);
        ModelMemory.Opened opened =
                memory.open(
                        config,
                        files(name),
                        () -> {
                            whileOpening.run();
                            count(name).incrementAndGet();
                            return new Engine(config);
                        },
                        _ -> {});
        return new CountedModel(
                opened.model(), new VersionCounters(false, () -> 0), "", opened.afterClose());
    }

    private AtomicInteger count(String name) {
        return open.computeIfAbsent(name, _ -> new AtomicInteger());
    }

    private ModelFiles files(String name) {
        try {
            Path version = Files.createDirectories(root.resolve(name).resolve("1"));
            Files.write(version.resolve("model"), new byte[SIZE]);
            return new ModelFiles(root.resolve(name), 1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private final class Engine implements Model {
        private final ModelConfig config;
        private final AtomicInteger closed = new AtomicInteger();

        Engine(ModelConfig config) {
            this.config = config;
        }

        @Override
        public ModelConfig config() {
            return config;
        }

        @Override
        public long version() {
            return 1;
        }

        @Override
        public void infer(InferenceRequest request, ResponseSender sender) {
            if (closed.get() > 0) {
                misused.incrementAndGet();
            }
            request.close();
            sender.send(new InferenceResponse("", config.name(), 1, Map.of(), List.of()), true);
        }

        @Override
        public void close() {
            if (closed.incrementAndGet() > 1) {
                misused.incrementAndGet();
            }
            count(config.name()).decrementAndGet();
        }
    }

    private static RecordingSender ask(Model model) {
        RecordingSender sender = new RecordingSender();
        model.infer(new InferenceRequest(model.config().name(), OptionalLong.empty()), sender);
        return sender;
    }

    private List<String> openNow() {
        return open.entrySet().stream()
                .filter(model -> model.getValue().get() > 0)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    @Test
    void aLoadThatExceedsTheBudgetIsRefused() {
        try (ModelMemory memory = memory(false, 2)) {
            Model a = open(memory, "a");
            Model b = open(memory, "b");

            assertThatThrownBy(() -> open(memory, "c"))
                    .isInstanceOf(StatusException.class)
                    .hasMessageContaining("model 'c' needs 1.0 MiB")
                    .hasMessageContaining("2.0 MiB of the memory budget of 2.0 MiB are taken")
                    .hasMessageContaining("raise --model-memory-budget");
            assertThat(openNow()).containsExactly("a", "b");

            a.close();
            Model c = open(memory, "c");
            assertThat(openNow()).containsExactly("b", "c");
            b.close();
            c.close();
            assertThat(memory.taken()).isZero();
        }
    }

    @Test
    void aModelThatTakesMoreThanItsFilesIsClosedAgain() {
        try (ModelMemory memory = memory(false, 2)) {
            assertThatThrownBy(() -> open(memory, "a", () -> allocated.addAndGet(3 * SIZE)))
                    .isInstanceOf(StatusException.class)
                    .hasMessageContaining("model 'a' needs 3.0 MiB");
            assertThat(openNow()).isEmpty();
            assertThat(memory.taken()).isZero();
        }
    }

    @Test
    void requestsOpenModelsAndTheLeastRecentlyUsedGoes() {
        try (ModelMemory memory = memory(true, 2)) {
            Model a = open(memory, "a");
            Model b = open(memory, "b");
            Model c = open(memory, "c");
            assertThat(openNow()).isEmpty();

            ask(a).await().close();
            ask(b).await().close();
            assertThat(openNow()).containsExactly("a", "b");

            ask(a).await().close();
            ask(c).await().close();
            assertThat(openNow()).containsExactly("a", "c");
            assertThat(memory.evictions()).isEqualTo(1);

            List.of(a, b, c).forEach(Model::close);
            assertThat(openNow()).isEmpty();
            assertThat(memory.taken()).isZero();
        }
    }

    @Test
    void pinnedModelsStay() {
        try (ModelMemory memory = memory(true, 2, "pinned")) {
            Model pinned = open(memory, "pinned");
            Model a = open(memory, "a");
            Model b = open(memory, "b");
            for (int i = 0; i < 3; i++) {
                ask(a).await().close();
                ask(b).await().close();
                assertThat(openNow()).contains("pinned").hasSize(2);
            }
            List.of(pinned, a, b).forEach(Model::close);
        }
    }

    @Test
    void aRequestThatWaitsForTooLongIsToldWhenToAskAgain() {
        CountDownLatch mayOpen = new CountDownLatch(1);
        try (ModelMemory memory = memory(true, 2)) {
            Model a = open(memory, "a", () -> awaitQuietly(mayOpen));
            RecordingSender impatient = ask(a);
            timers.forEach(Runnable::run);

            StatusException refusal = impatient.await().failure();
            assertThat(refusal.code()).isEqualTo(StatusCode.UNAVAILABLE);
            assertThat(refusal.text())
                    .isEqualTo(
                            "model 'a' is being loaded, which takes longer than 1 s; try again"
                                    + " later");
            assertThat(refusal.retryAfterSeconds()).hasValue(1);

            RecordingSender patient = ask(a);
            mayOpen.countDown();
            assertThat(patient.await().ends()).isEqualTo(1);
            impatient.close();
            patient.close();
            a.close();
        }
    }

    @Test
    void aRequestThatIsCancelledLeaves() {
        CountDownLatch mayOpen = new CountDownLatch(1);
        try (ModelMemory memory = memory(true, 2)) {
            Model a = open(memory, "a", () -> awaitQuietly(mayOpen));
            InferenceRequest request = new InferenceRequest("a", OptionalLong.empty());
            RecordingSender sender = new RecordingSender();
            a.infer(request, sender);
            request.cancel();

            assertThat(sender.await().failure().code()).isEqualTo(StatusCode.CANCELLED);
            mayOpen.countDown();
            a.close();
            sender.close();
        }
    }

    @Test
    void whatCannotBeOpenedIsTriedAgainByTheNextRequest() {
        AtomicInteger attempts = new AtomicInteger();
        try (ModelMemory memory = memory(true, 2)) {
            Model a =
                    open(
                            memory,
                            "a",
                            () -> {
                                if (attempts.incrementAndGet() == 1) {
                                    throw new StatusException(StatusCode.INTERNAL, "no");
                                }
                            });
            RecordingSender first = ask(a);
            assertThat(first.await().failure().text()).isEqualTo("no");
            assertThat(memory.taken()).isZero();

            RecordingSender second = ask(a);
            assertThat(second.await().ends()).isEqualTo(1);
            first.close();
            second.close();
            a.close();
        }
    }

    @Test
    void aModelThatIsClosedWhileItOpensIsOpenNoMore() throws Exception {
        CountDownLatch mayOpen = new CountDownLatch(1);
        Semaphore opening = new Semaphore(0);
        try (ModelMemory memory = memory(true, 2);
                ExecutorService closer = Executors.newSingleThreadExecutor()) {
            Model a =
                    open(
                            memory,
                            "a",
                            () -> {
                                opening.release();
                                awaitQuietly(mayOpen);
                            });
            RecordingSender asked = ask(a);
            opening.acquire();
            Future<?> closed = closer.submit(a::close);
            assertThat(asked.await().failure().code()).isEqualTo(StatusCode.UNAVAILABLE);
            mayOpen.countDown();
            closed.get();

            assertThat(openNow()).isEmpty();
            assertThat(memory.taken()).isZero();
            asked.close();
        }
    }

    @Test
    void manyClientsOfManyModelsAreAllAnswered() throws Exception {
        int models = 30;
        int clients = 8;
        try (ModelMemory memory = memory(true, 5);
                ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Model> all = new ArrayList<>();
            for (int i = 0; i < models; i++) {
                all.add(open(memory, "m" + i));
            }
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                RandomGenerator random = RandomGeneratorFactory.getDefault().create(i);
                asking.add(
                        threads.submit(() -> {
                            for (int n = 0; n < 300; n++) {
                                try (RecordingSender sender =
                                        ask(all.get(random.nextInt(models)))) {
                                    assertThat(sender.await().response().modelVersion())
                                            .isEqualTo(1);
                                }
                            }
                        }));
            }
            for (Future<?> client : asking) {
                client.get();
            }
            assertThat(openNow()).hasSizeLessThanOrEqualTo(5);
            all.forEach(Model::close);
            assertThat(openNow()).isEmpty();
            assertThat(memory.taken()).isZero();
            assertThat(misused).hasValue(0);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
