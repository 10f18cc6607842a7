package io.nereid.backend.scheduler.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.FailureReason;
import io.nereid.backend.Model;
import io.nereid.backend.ModelContractTest;
import io.nereid.backend.RecordingListener;
import io.nereid.backend.TestConfigs;
import io.nereid.backend.cache.EventThrottle;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract of every model, kept with a cache in front, and what the cache is to do. */
class CachedModelTest extends ModelContractTest {
    private static final String CONFIG =
            """
            name: "m" max_batch_size: 8
            input [ { name: "IN" data_type: TYPE_FP32 dims: [ -1 ] } ]
            output [ { name: "OUT" data_type: TYPE_FP32 dims: [ -1 ] },
                     { name: "COPY" data_type: TYPE_FP32 dims: [ -1 ] } ]
            """;
    private static final String ENSEMBLE =
            CONFIG
                    + """
                    platform: "ensemble" ensemble_scheduling { step [ { model_name: "e"
                      model_version: -1 input_map { key: "IN" value: "IN" }
                      output_map { key: "OUT" value: "OUT" }
                      output_map { key: "COPY" value: "COPY" } } ] }
                    """;

    private final AtomicLong nanoTime = new AtomicLong();
    private final FakeCache cache = new FakeCache();
    private final RecordingListener listener = new RecordingListener();
    private final List<Runnable> longWork = new ArrayList<>();
    private boolean busy;

    @AfterEach
    void stop() {
        cache.close();
    }

    @Override
    protected Model open() {
        return open(new Echo(TestConfigs.parse(CONFIG)), "load 1");
    }

    private Model open(Echo echo, String identity) {
        return new CachedModel(
                echo,
                new CacheContext(
                        cache, this::workLater, new EventThrottle(0, nanoTime::get), nanoTime::get),
                identity,
                listener);
    }

    private void workLater(Runnable work) {
        if (busy) {
            throw new RejectedExecutionException("busy");
        }
        longWork.add(work);
    }

    /** Answers at once with the input, 10 ns later; counts what it is asked. */
    private final class Echo implements Model {
        private final ModelConfig config;
        private boolean closed;
        private int asked;

        Echo(ModelConfig config) {
            this.config = config;
        }

        @Override
        public ModelConfig config() {
            return config;
        }

        @Override
        public long version() {
            return 3;
        }

        @Override
        public synchronized void infer(@Owned InferenceRequest request, ResponseSender sender) {
            asked++;
            nanoTime.addAndGet(10);
            Tensor input = request.input("IN").orElseThrow();
            Optional<StatusException> refusal = refusal(request, first(input));
            List<Tensor> outputs = new ArrayList<>();
            if (refusal.isEmpty()) {
                request.requestedOutputs()
                        .forEach(name -> outputs.add(input.retain().withName(name)));
            }
            request.close();
            if (refusal.isPresent()) {
                sender.fail(refusal.get());
                return;
            }
            sender.send(
                    new InferenceResponse(
                            request.id(),
                            "m",
                            3,
                            Map.of("p", new Parameter.BoolValue(true)),
                            outputs),
                    true);
        }

        private Optional<StatusException> refusal(InferenceRequest request, float number) {
            if (closed) {
                return Optional.of(
                        new StatusException(
                                StatusCode.UNAVAILABLE,
                                request.idPrefix()
                                        + "Server is stopping, scheduler for model has stopped"
                                        + " accepting new inference requests"));
            }
            if (request.isCancelled()) {
                return Optional.of(new StatusException(StatusCode.CANCELLED, ""));
            }
            return number < 0
                    ? Optional.of(new StatusException(StatusCode.INTERNAL, NEGATIVE))
                    : Optional.empty();
        }

        @Override
        public synchronized void close() {
            closed = true;
        }
    }

    private void ask(Model model, InferenceRequest request) {
        try (RecordingSender sender = new RecordingSender()) {
            model.infer(request, sender);
            assertThat(sender.await().ends()).isEqualTo(1);
        }
    }

    @Test
    void answersAnEqualRequestWithoutTheModel() {
        Echo echo = new Echo(TestConfigs.parse(CONFIG));
        try (Model model = open(echo, "load 1");
                RecordingSender sender = new RecordingSender()) {
            ask(model, request(model, 7, "OUT"));
            InferenceRequest second = request(model, 7, "OUT");
            model.infer(second, sender);

            InferenceResponse response = sender.response();
            assertThat(echo.asked).isEqualTo(1);
            assertThat(second.state()).isEqualTo(InferenceRequest.State.RELEASED);
            assertThat(response.id()).isEqualTo("id 7.0");
            assertThat(response.modelName()).isEqualTo("m");
            assertThat(response.modelVersion()).isEqualTo(3);
            assertThat(response.parameters()).isEmpty();
            assertThat(first(response.outputs().getFirst())).isEqualTo(7);
        }
    }

    @Test
    void countsAMissWhenItsAnswerIsKeptAndAHitAfterwards() {
        try (Model model = open()) {
            ask(model, request(model, 7, "OUT"));
            assertThat(listener.cacheMisses()).hasSize(1);
            assertThat(listener.cacheHits()).isEmpty();

            ask(model, request(model, 7, "OUT"));
            assertThat(listener.cacheMisses()).hasSize(1);
            assertThat(listener.cacheHits()).hasSize(1);
        }
    }

    @Test
    void measuresLookUpAndInsertionWithoutTheExecution() {
        cache.hold();
        try (Model model = open();
                RecordingSender first = new RecordingSender();
                RecordingSender second = new RecordingSender()) {
            model.infer(request(model, 7, "OUT"), first);
            nanoTime.addAndGet(5);
            cache.answerOne();
            model.infer(request(model, 7, "OUT"), second);
            nanoTime.addAndGet(3);
            cache.answerOne();

            assertThat(listener.cacheMisses()).containsExactly(5L);
            assertThat(listener.cacheHits()).containsExactly(3L);
        }
    }

    @Test
    void neverKeepsFailures() {
        Echo echo = new Echo(TestConfigs.parse(CONFIG));
        try (Model model = open(echo, "load 1")) {
            ask(model, request(model, -1, "OUT"));
            ask(model, request(model, -1, "OUT"));

            assertThat(echo.asked).isEqualTo(2);
            assertThat(cache.size()).isZero();
            assertThat(listener.cacheMisses()).isEmpty();
        }
    }

    @Test
    void executesBothOfTwoEqualRequestsAtATimeAndCountsOneMiss() {
        Echo echo = new Echo(TestConfigs.parse(CONFIG));
        cache.hold();
        try (Model model = open(echo, "load 1");
                RecordingSender first = new RecordingSender();
                RecordingSender second = new RecordingSender()) {
            model.infer(request(model, 7, "OUT"), first);
            model.infer(request(model, 7, "OUT"), second);
            cache.missAll();

            assertThat(echo.asked).isEqualTo(2);
            assertThat(first.ends() + second.ends()).isEqualTo(2);
            assertThat(listener.cacheMisses()).hasSize(1);
            assertThat(listener.cacheHits()).isEmpty();
        }
    }

    @Test
    void answersAndCountsAMissWhenTheAnswerCannotBeKept() {
        cache.fill();
        try (Model model = open();
                RecordingSender sender = new RecordingSender()) {
            model.infer(request(model, 7, "OUT"), sender);

            assertThat(first(sender.response().outputs().getFirst())).isEqualTo(7);
            assertThat(listener.cacheMisses()).hasSize(1);
        }
    }

    @Test
    void doesNotGiveAnotherLoadTheAnswersOfTheFirst() {
        Echo again = new Echo(TestConfigs.parse(CONFIG));
        try (Model before = open();
                Model after = open(again, "load 2")) {
            ask(before, request(before, 7, "OUT"));
            ask(after, request(after, 7, "OUT"));

            assertThat(again.asked).isEqualTo(1);
        }
    }

    @Test
    void asksTheModelForOtherOutputs() {
        Echo echo = new Echo(TestConfigs.parse(CONFIG));
        try (Model model = open(echo, "load 1")) {
            ask(model, request(model, 7, "OUT"));
            ask(model, request(model, 7, "COPY"));
            ask(model, request(model, 7, "OUT", "COPY"));
            ask(model, request(model, 7, "COPY", "OUT"));

            assertThat(echo.asked).isEqualTo(3);
        }
    }

    @Test
    void letsARequestGoThatIsCancelledWhileItIsLookedUp() {
        cache.hold();
        Echo echo = new Echo(TestConfigs.parse(CONFIG));
        try (Model model = open(echo, "load 1");
                RecordingSender sender = new RecordingSender()) {
            InferenceRequest request = request(model, 7, "OUT");
            model.infer(request, sender);
            request.cancel();

            assertThat(sender.failure().code()).isEqualTo(StatusCode.CANCELLED);
            assertThat(request.state()).isEqualTo(InferenceRequest.State.RELEASED);
            assertThat(listener.failures()).containsExactly(FailureReason.CANCELED);
            cache.answerOne();
            assertThat(echo.asked).isZero();
            assertThat(sender.ends()).isEqualTo(1);
        }
    }

    @Test
    void dropsAnAnswerThatComesAfterTheRequestWasCancelled() {
        try (Model model = open();
                RecordingSender sender = new RecordingSender()) {
            ask(model, request(model, 7, "OUT"));
            cache.hold();
            InferenceRequest request = request(model, 7, "OUT");
            model.infer(request, sender);
            request.cancel();
            cache.answerOne();

            assertThat(sender.ends()).isEqualTo(1);
            assertThat(listener.cacheHits()).isEmpty();
        }
    }

    @Test
    void computesTheKeysOfLongInputsElsewhere() {
        try (Model model = open();
                RecordingSender sender = new RecordingSender()) {
            model.infer(longRequest(model), sender);
            assertThat(cache.lookUps()).isZero();

            longWork.removeFirst().run();
            assertThat(cache.lookUps()).isEqualTo(1);
            assertThat(sender.ends()).isEqualTo(1);
        }
    }

    @Test
    void executesLongRequestsThatCannotWaitForTheirKeys() {
        busy = true;
        try (Model model = open();
                RecordingSender sender = new RecordingSender()) {
            model.infer(longRequest(model), sender);

            assertThat(sender.ends()).isEqualTo(1);
            assertThat(cache.lookUps()).isZero();
        }
    }

    private InferenceRequest longRequest(Model model) {
        int numbers = (int) (CachedModel.SHORT_BYTES / Float.BYTES) + 1;
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.addInput(allocator.fp32("IN", Shape.of(1, numbers), new float[numbers]));
        model.config().validator().validate(request);
        return request;
    }

    @Test
    void executesRequestsOfSequencesToEnsembles() {
        Echo echo = new Echo(TestConfigs.parse(ENSEMBLE));
        try (Model model = open(echo, "load 1")) {
            for (int i = 0; i < 2; i++) {
                InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
                request.addInput(allocator.fp32("IN", Shape.of(1, 2), 7, 0));
                request.setCorrelationId(new CorrelationId.NumericId(9));
                model.config().validator().validate(request);
                ask(model, request);
            }
            assertThat(echo.asked).isEqualTo(2);

            ask(model, request(model, 7, "OUT"));
            ask(model, request(model, 7, "OUT"));
            assertThat(echo.asked).isEqualTo(3);
        }
    }
}
