package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.BackendModel;
import io.nereid.backend.Batch;
import io.nereid.backend.Execution;
import io.nereid.backend.FailureReason;
import io.nereid.backend.FakeBackendModel;
import io.nereid.backend.Model;
import io.nereid.backend.RecordingListener;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
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
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SchedulersTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final RecordingListener told = new RecordingListener();

    @Test
    void closesInstancesBeforeTheModel() {
        FakeBackendModel engine = new FakeBackendModel(batch -> {});
        open("", engine).close();

        assertThat(engine.events())
                .containsExactly("open 0", "open 1", "close 0", "close 1", "close");
    }

    @Test
    void closesWhatWasOpenedWhenAnInstanceCannotBe() {
        FakeBackendModel engine = new FakeBackendModel(batch -> {}, 1);

        assertThatThrownBy(() -> open("", engine)).hasMessage("no room for instance 1");
        assertThat(engine.events()).containsExactly("open 0", "close 0", "close");
    }

    @Test
    void tellsOfAnExecutionBeforeItsAnswer() {
        FakeBackendModel engine = new FakeBackendModel(SchedulersTest::answer);
        try (Model model = open("", engine);
                RecordingSender _ = ask(model, 3).await()) {
            assertThat(told.executions()).hasSize(1);
            assertThat(told.executions().getFirst().batchSize()).isEqualTo(3);
        }
    }

    @Test
    void runsInstancesOnNamedPlatformThreads() {
        List<String> names = new CopyOnWriteArrayList<>();
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    Thread thread = Thread.currentThread();
                    names.add(thread.getName() + " " + thread.isVirtual());
                    answer(batch);
                });
        try (Model model = open("", engine)) {
            ask(model, 1).await().close();
        }
        assertThat(names).singleElement().asString().matches("nereid-echo-[01] false");
    }

    @Test
    void passesStatusOfTheInstanceOnAsItIs() {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    throw StatusException.invalidArgument("odd number");
                });
        try (Model model = open("", engine)) {
            StatusException failure = ask(model, 1).await().failure();
            assertThat(failure.describe()).isEqualTo("Invalid argument: odd number");
        }
        assertThat(told.executions().getFirst().requests())
                .extracting(Execution.Request::failure)
                .containsExactly(Optional.of(FailureReason.BACKEND));
    }

    @Test
    void wrapsAnythingElseOnceAndGoesOn() {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    if (batch.batchSize() == 1) {
                        throw new StackOverflowError("too deep");
                    }
                    answer(batch);
                });
        try (Model model = open("", engine)) {
            for (int i = 0; i < 4; i++) {
                StatusException failure = ask(model, 1).await().failure();
                assertThat(failure.code()).isEqualTo(StatusCode.INTERNAL);
                assertThat(failure.text())
                        .isEqualTo("model 'echo' failed: java.lang.StackOverflowError: too deep");
                assertThat(failure).hasCauseInstanceOf(StackOverflowError.class);
            }
            try (RecordingSender sender = ask(model, 2).await()) {
                assertThat(sender.response().outputs()).hasSize(1);
            }
        }
    }

    @Test
    void goesOnAfterSomebodyWhoCannotTakeHisAnswer() {
        FakeBackendModel engine = new FakeBackendModel(SchedulersTest::answer);
        try (Model model = open("", engine)) {
            for (int i = 0; i < 4; i++) {
                model.infer(request(model, 1), new ThrowingSender());
            }
            try (RecordingSender sender = ask(model, 2).await()) {
                assertThat(sender.response().outputs()).hasSize(1);
            }
        }
    }

    private static final class ThrowingSender implements ResponseSender {
        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            response.close();
            throw new IllegalStateException("gone");
        }

        @Override
        public void complete() {
            throw new IllegalStateException("gone");
        }

        @Override
        public void fail(StatusException status) {
            throw new IllegalStateException("gone");
        }
    }

    @Test
    void failsWhatAnInstanceDidNotAnswer() {
        FakeBackendModel engine = new FakeBackendModel(batch -> {});
        try (Model model = open("", engine)) {
            StatusException failure = ask(model, 1).await().failure();
            assertThat(failure.code()).isEqualTo(StatusCode.INTERNAL);
            assertThat(failure.text())
                    .isEqualTo("model 'echo' returned without answering the request");
        }
    }

    @Test
    void letsDecoupledModelAnswerLater() {
        List<Batch> kept = new CopyOnWriteArrayList<>();
        FakeBackendModel engine = new FakeBackendModel(kept::add);
        Model model = open("model_transaction_policy { decoupled: true }", engine);
        RecordingSender sender = ask(model, 1);
        model.close();

        assertThat(sender.hasEnded()).isFalse();
        assertThat(told.executions()).isEmpty();
        kept.getFirst().complete(0);
        assertThat(sender.ends()).isEqualTo(1);
        assertThat(told.executions()).hasSize(1);
    }

    @Test
    void refusesNativeBatchingStrategies() {
        FakeBackendModel engine = new FakeBackendModel(SchedulersTest::answer);
        String strategy =
                "dynamic_batching { } parameters { key: \"TRITON_BATCH_STRATEGY_PATH\""
                        + " value { string_value: \"b.so\" } }";

        assertThatThrownBy(() -> open(strategy, engine))
                .hasMessage(
                        "parameter 'TRITON_BATCH_STRATEGY_PATH' of model 'echo' names a batching"
                                + " strategy in native code, which cannot be loaded; remove the"
                                + " parameter to use the built-in strategy");
        assertThat(engine.events()).containsExactly("close");
    }

    @Test
    void hasNoPlaceForEnsembles() {
        FakeBackendModel engine = new FakeBackendModel(SchedulersTest::answer);
        ModelConfig config =
                TestConfigs.parse(
                        """
                        name: "e" platform: "ensemble"
                        input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] }
                        output { name: "y" data_type: TYPE_FP32 dims: [ 1 ] }
                        ensemble_scheduling { step { model_name: "m"
                          input_map { key: "x" value: "x" }
                          output_map { key: "y" value: "y" } } }
                        """);

        assertThatThrownBy(() -> open(config, engine)).isInstanceOf(IllegalStateException.class);
        assertThat(engine.events()).containsExactly("close");
    }

    private Model open(String more, BackendModel engine) {
        return open(EchoModel.config(more), engine);
    }

    private Model open(ModelConfig config, BackendModel engine) {
        return EchoModel.open(config, 1, engine, 2, told);
    }

    private RecordingSender ask(Model model, int rows) {
        RecordingSender sender = new RecordingSender();
        model.infer(request(model, rows), sender);
        return sender;
    }

    private InferenceRequest request(Model model, int rows) {
        InferenceRequest request = new InferenceRequest("echo", OptionalLong.empty());
        request.addInput(allocator.fp32("IN", Shape.of(rows, 2), new float[2 * rows]));
        request.addRequestedOutput("OUT");
        model.config().validator().validate(request);
        return request;
    }

    private static void answer(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            List<Tensor> outputs = new ArrayList<>();
            outputs.add(batch.request(i).input("IN").orElseThrow().retain().withName("OUT"));
            batch.respond(i, outputs, Map.of(), true);
        }
    }
}
