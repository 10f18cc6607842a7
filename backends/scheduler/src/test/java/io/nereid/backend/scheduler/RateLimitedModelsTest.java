package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.BackendModel;
import io.nereid.backend.Device;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.FakeBackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.ModelContractTest;
import io.nereid.backend.scheduler.ratelimit.RateLimiter;
import io.nereid.backend.scheduler.ratelimit.ResourceLimit;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import io.nereid.protocol.proto.ModelConfigProto.ModelRateLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Models whose instances share resources, on real threads. */
class RateLimitedModelsTest {
    private static final String BATCHING = "dynamic_batching { }";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final RateLimiter limiter = new RateLimiter(List.of());

    /** An engine whose executions begin and end when the test lets them. */
    private static final class Gate {
        private final Semaphore begun = new Semaphore(0);
        private final Semaphore mayEnd = new Semaphore(0);
        private final FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    begun.release();
                    mayEnd.acquireUninterruptibly();
                    ModelContractTest.echo(batch);
                });

        void awaitBegin() {
            begun.acquireUninterruptibly();
        }

        void end() {
            mayEnd.release();
        }
    }

    private static List<InstanceSpec> instances(int count, int needed) {
        ModelInstanceGroup group =
                ModelInstanceGroup.newBuilder()
                        .setRateLimiter(
                                ModelRateLimiter.newBuilder()
                                        .addResources(
                                                ModelRateLimiter.Resource.newBuilder()
                                                        .setName("R1")
                                                        .setCount(needed)))
                        .build();
        return IntStream.range(0, count)
                .mapToObj(i -> new InstanceSpec("echo_" + i, i, count, Device.CPU, group))
                .toList();
    }

    private Model open(BackendModel engine, int instances, int needed) {
        return open(limiter, engine, instances(instances, needed));
    }

    private static Model open(RateLimiter limiter, BackendModel engine, List<InstanceSpec> specs) {
        ModelConfig config = EchoModel.config(BATCHING);
        return Schedulers.open(
                config,
                1,
                engine,
                specs,
                EchoModel.noData(),
                new SchedulerContext(
                        System::nanoTime,
                        ExecutionListener.NONE,
                        (nanos, event) -> {},
                        new InstanceRules(Optional.of(limiter), _ -> false, 0),
                        Turns.NONE));
    }

    private RecordingSender ask(Model model) {
        return ask(model, request(model));
    }

    private static RecordingSender ask(Model model, InferenceRequest request) {
        RecordingSender sender = new RecordingSender();
        model.infer(request, sender);
        return sender;
    }

    private InferenceRequest request(Model model) {
        InferenceRequest request = new InferenceRequest("echo", OptionalLong.empty());
        request.addInput(allocator.fp32("IN", Shape.of(1, 2), new float[2]));
        model.config().validator().validate(request);
        return request;
    }

    @Test
    void takesABatchWhenTheResourcesAreThereAndNotBefore() {
        Gate running = new Gate();
        FakeBackendModel waiting = new FakeBackendModel(ModelContractTest::echo);
        try (Model first = open(running.engine, 1, 4);
                Model second = open(waiting, 1, 1)) {
            RecordingSender firstAnswer = ask(first);
            running.awaitBegin();
            List<RecordingSender> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(ask(second));
            }
            assertThat(second.pending()).isEqualTo(5);
            running.end();

            answers.forEach(answer -> answer.await().close());
            firstAnswer.await().close();
            assertThat(waiting.batchSizes()).containsExactly(5);
        }
    }

    @Test
    void answersAllOfManyModelsNeverTwoAtATime() {
        AtomicInteger executing = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<FakeBackendModel> engines =
                IntStream.range(0, 4)
                        .mapToObj(i ->
                                new FakeBackendModel(batch -> {
                                    most.accumulateAndGet(executing.incrementAndGet(), Math::max);
                                    Thread.onSpinWait();
                                    executing.decrementAndGet();
                                    ModelContractTest.echo(batch);
                                }))
                        .toList();
        List<Model> models = engines.stream().map(engine -> open(engine, 2, 1)).toList();
        List<RecordingSender> answers = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            answers.add(ask(models.get(i % models.size())));
        }
        answers.forEach(answer -> answer.await().close());
        models.forEach(Model::close);

        assertThat(most).hasValue(1);
    }

    @Test
    void goesOnWhenWhatItStoodInLineForIsCancelled() {
        Gate running = new Gate();
        FakeBackendModel waiting = new FakeBackendModel(ModelContractTest::echo);
        try (Model first = open(running.engine, 1, 1);
                Model second = open(waiting, 1, 1)) {
            RecordingSender firstAnswer = ask(first);
            running.awaitBegin();
            InferenceRequest request = request(second);
            RecordingSender cancelled = ask(second, request);
            request.cancel();
            cancelled.await();
            running.end();

            firstAnswer.await().close();
            ask(second).await().close();
            assertThat(waiting.batchSizes()).containsExactly(1);
        }
    }

    @Test
    void answersWhatWaitsForResourcesBeforeTheModelIsClosed() throws InterruptedException {
        Gate running = new Gate();
        FakeBackendModel waiting = new FakeBackendModel(ModelContractTest::echo);
        try (Model first = open(running.engine, 1, 1)) {
            Model second = open(waiting, 2, 1);
            RecordingSender firstAnswer = ask(first);
            running.awaitBegin();
            RecordingSender answer = ask(second);
            Thread closing = Thread.ofVirtual().start(second::close);
            running.end();

            answer.await().close();
            firstAnswer.await().close();
            closing.join();
        }
        assertThat(waiting.events()).last().isEqualTo("close");
    }

    @Test
    void retiresAnInstanceThatStandsInLine() {
        Gate running = new Gate();
        FakeBackendModel waiting = new FakeBackendModel(ModelContractTest::echo);
        try (Model first = open(running.engine, 1, 1);
                Model second = open(waiting, 1, 1)) {
            RecordingSender firstAnswer = ask(first);
            running.awaitBegin();
            RecordingSender answer = ask(second);
            // The resources are in use all the while.
            second.instances().orElseThrow().replace(second.config(), EchoModel.instances(1));

            answer.await().close();
            assertThat(waiting.events()).containsExactly("open 0", "open 0", "close 0");
            running.end();
            firstAnswer.await().close();
        }
    }

    @Test
    void opensNothingThatCouldNeverExecute() {
        RateLimiter limited =
                new RateLimiter(List.of(new ResourceLimit("R1", 3, OptionalInt.empty())));
        FakeBackendModel engine = new FakeBackendModel(ModelContractTest::echo);

        assertThatThrownBy(() -> open(limited, engine, instances(1, 4)))
                .isInstanceOf(StatusException.class)
                .hasMessageStartingWith("Resource count for \"R1\" is limited to 3");
        assertThat(engine.events()).containsExactly("close");
        open(limited, engine, instances(1, 3)).close();
    }

    @Test
    void keepsPassiveInstancesOutOfEverything() {
        RateLimiter limited =
                new RateLimiter(List.of(new ResourceLimit("R1", 3, OptionalInt.empty())));
        InstanceSpec active = instances(1, 1).getFirst();
        InstanceSpec passive =
                new InstanceSpec(
                        "echo_1",
                        1,
                        2,
                        Device.CPU,
                        instances(1, 100).getFirst().group().toBuilder().setPassive(true).build());
        List<String> threads = new ArrayList<>();
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    threads.add(Thread.currentThread().getName());
                    ModelContractTest.echo(batch);
                });
        try (Model model = open(limited, engine, List.of(active, passive))) {
            for (int i = 0; i < 10; i++) {
                ask(model).await().close();
            }
            assertThat(threads).hasSize(10).containsOnly("nereid-echo-0");
        }
        assertThat(engine.events())
                .containsExactly("open 0", "open 1", "close 0", "close 1", "close");
    }
}
