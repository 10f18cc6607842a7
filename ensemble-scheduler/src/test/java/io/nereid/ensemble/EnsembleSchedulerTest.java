package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.backend.Execution;
import io.nereid.backend.FailureReason;
import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.backend.RecordingListener;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Graphs of small models that add and multiply; the test decides when a step ends. */
class EnsembleSchedulerTest {
    private static final String CHAIN =
            """
            name: "ens3" platform: "ensemble" max_batch_size: 8
            input [ { name: "ENS_IN" data_type: TYPE_FP32 dims: [ 4 ] } ]
            output [ { name: "ENS_OUT" data_type: TYPE_FP32 dims: [ 4 ] },
                     { name: "ENS_MID" data_type: TYPE_FP32 dims: [ 4 ] } ]
            ensemble_scheduling { step [
              { model_name: "add" model_version: -1
                input_map { key: "IN" value: "ENS_IN" } output_map { key: "OUT" value: "t1" } },
              { model_name: "mul" model_version: 1
                input_map { key: "IN" value: "t1" } output_map { key: "OUT" value: "ENS_MID" } },
              { model_name: "sub" model_version: -1
                input_map { key: "IN" value: "ENS_MID" }
                output_map { key: "OUT" value: "ENS_OUT" } } ] }
            """;
    private static final String FAN =
            """
            name: "fan" platform: "ensemble" max_batch_size: 4
            input [ { name: "X" data_type: TYPE_FP32 dims: [ 4 ] } ]
            output [ { name: "SUM" data_type: TYPE_FP32 dims: [ 4 ] } ]
            ensemble_scheduling { step [
              { model_name: "mul" model_version: -1
                input_map { key: "IN" value: "X" } output_map { key: "OUT" value: "dbl" } },
              { model_name: "add" model_version: -1
                input_map { key: "IN" value: "X" } output_map { key: "OUT" value: "inc" } },
              { model_name: "plus" model_version: -1
                input_map { key: "A" value: "dbl" } input_map { key: "B" value: "inc" }
                output_map { key: "OUT" value: "SUM" } } ] }
            """;

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final Map<String, Model> models = new HashMap<>();
    private final AtomicInteger leases = new AtomicInteger();
    private final ManualExecutor later = new ManualExecutor();
    private final RecordingListener told = new RecordingListener();
    private long now;

    @Test
    void answersWithFinalAndIntermediateOutputsInNameOrder() {
        unaryModels(Runnable::run);
        try (RecordingSender sender = ask(open(CHAIN), 2, 1, 2, 3, 4, 1, 2, 3, 4)) {
            InferenceResponse response = sender.response();
            assertThat(response.modelName()).isEqualTo("ens3");
            assertThat(response.modelVersion()).isEqualTo(1);
            assertThat(response.outputs())
                    .extracting(Tensor::name)
                    .containsExactly("ENS_MID", "ENS_OUT");
            assertThat(response.outputs().get(0).shape()).isEqualTo(Shape.of(2, 4));
            assertThat(floats(response.outputs().get(0))).containsExactly(4, 6, 8, 10, 4, 6, 8, 10);
            assertThat(floats(response.outputs().get(1))).containsExactly(1, 3, 5, 7, 1, 3, 5, 7);
            assertThat(response.parameters())
                    .containsExactly(
                            Map.entry("sequence_id", new Parameter.Int64Value(0)),
                            Map.entry("sequence_start", new Parameter.BoolValue(false)),
                            Map.entry("sequence_end", new Parameter.BoolValue(false)));
        }
    }

    @Test
    void answersWithTheFinalOutputAlone() {
        unaryModels(Runnable::run);
        Model model = open(CHAIN);
        InferenceRequest request = request(model, 1, 1, 2, 3, 4);
        request.addRequestedOutput("ENS_OUT");
        try (RecordingSender sender = infer(model, request)) {
            assertThat(sender.response().outputs()).hasSize(1);
            assertThat(floats(sender.response().outputs().getFirst())).containsExactly(1, 3, 5, 7);
        }
    }

    @Test
    void doesNotRunStepsThatNobodyNeeds() {
        unaryModels(Runnable::run);
        Model model = open(CHAIN);
        InferenceRequest request = request(model, 1, 1, 2, 3, 4);
        request.addRequestedOutput("ENS_MID");
        try (RecordingSender sender = infer(model, request)) {
            assertThat(sender.response().outputs()).hasSize(1);
        }
        assertThat(fake("add").seen()).hasSize(1);
        assertThat(fake("sub").seen()).isEmpty();
    }

    @Test
    void startsIndependentStepsTogether() {
        unaryModels(later);
        try (RecordingSender sender = ask(open(FAN), 1, 1, 2, 3, 4)) {
            assertThat(later.size()).isEqualTo(2);
            later.run(1);
            assertThat(fake("plus").seen()).isEmpty();
            later.run(0);
            assertThat(sender.hasEnded()).isFalse();
            later.run(0);
            assertThat(floats(sender.response().outputs().getFirst()))
                    .containsExactly(4, 7, 10, 13);
        }
    }

    @Test
    void handsTensorsOnWithoutCopy() {
        models.put("add", echo("add", Runnable::run));
        models.put("mul", echo("mul", Runnable::run));
        models.put("sub", echo("sub", Runnable::run));
        Model model = open(CHAIN);
        InferenceRequest request = request(model, 1, 1, 2, 3, 4);
        long address = request.input("ENS_IN").orElseThrow().buffer().segment().address();
        try (RecordingSender sender = infer(model, request)) {
            assertThat(sender.response().outputs())
                    .allMatch(output -> output.buffer().segment().address() == address);
        }
    }

    @Test
    void givesTensorsBackAsSoonAsNobodyNeedsThem() {
        unaryModels(later);
        Model model = open(CHAIN);
        InferenceRequest request = request(model, 1, 1, 2, 3, 4);
        request.addRequestedOutput("ENS_OUT");
        try (RecordingSender sender = infer(model, request)) {
            for (int step = 0; step < 3; step++) {
                assertThat(allocator.openBlocks()).isEqualTo(1);
                later.run(0);
            }
            assertThat(sender.ends()).isEqualTo(1);
        }
    }

    @Test
    void stepRequestsCarryWhatTheRequestCarries() {
        unaryModels(Runnable::run);
        Model model = open(FAN);
        InferenceRequest request = request(model, 1, 1, 2, 3, 4);
        request.setId("42");
        request.setCorrelationId(new CorrelationId.NumericId(9));
        request.setSequenceStart(true);
        request.setPriority(3);
        request.setTimeoutMicros(500);
        request.setParameter("k", new Parameter.StringValue("v"));
        try (RecordingSender sender = infer(model, request)) {
            assertThat(sender.response().id()).isEqualTo("42");
            assertThat(sender.response().parameters())
                    .containsEntry("sequence_id", new Parameter.Int64Value(9))
                    .containsEntry("sequence_start", new Parameter.BoolValue(true));
        }
        InferenceRequest step = fake("plus").seen().getFirst();
        assertThat(step.modelName()).isEqualTo("plus");
        assertThat(step.id()).isEqualTo("42");
        assertThat(step.correlationId()).isEqualTo(new CorrelationId.NumericId(9));
        assertThat(step.sequenceStart()).isTrue();
        assertThat(step.sequenceEnd()).isFalse();
        assertThat(step.priority()).isEqualTo(3);
        assertThat(step.timeoutMicros()).isEqualTo(500);
        assertThat(step.parameters()).containsEntry("k", new Parameter.StringValue("v"));
    }

    @Test
    void stepsChangeTheSequenceOfWhatFollows() {
        unaryModels(Runnable::run);
        fake("add")
                .setParameters(
                        Map.of(
                                "sequence_id", new Parameter.StringValue("s"),
                                "sequence_end", new Parameter.BoolValue(true),
                                "other", new Parameter.BoolValue(true)));
        try (RecordingSender sender = ask(open(CHAIN), 1, 1, 2, 3, 4)) {
            assertThat(sender.response().parameters())
                    .containsExactly(
                            Map.entry("sequence_id", new Parameter.StringValue("s")),
                            Map.entry("sequence_start", new Parameter.BoolValue(false)),
                            Map.entry("sequence_end", new Parameter.BoolValue(true)));
        }
        assertThat(fake("mul").seen().getFirst().correlationId())
                .isEqualTo(new CorrelationId.TextId("s"));
        assertThat(fake("mul").seen().getFirst().sequenceEnd()).isTrue();
    }

    @Test
    void refusesSequenceParametersOfTheWrongType() {
        unaryModels(Runnable::run);
        fake("add").setParameters(Map.of("sequence_id", new Parameter.BoolValue(true)));
        assertThat(ask(open(CHAIN), 1, 1, 2, 3, 4).failure().describe())
                .isEqualTo(
                        "Invalid argument: in ensemble 'ens3', expected parameter 'sequence_id' to"
                                + " be TRITONSERVER_PARAMETER_INT or TRITONSERVER_PARAMETER_STRING");
        fake("add").setParameters(Map.of("sequence_start", new Parameter.Int64Value(1)));
        assertThat(ask(open(CHAIN), 1, 1, 2, 3, 4).failure().describe())
                .isEqualTo(
                        "Invalid argument: in ensemble 'ens3', expect parameter 'sequence_start' to"
                                + " be TRITONSERVER_PARAMETER_BOOL");
    }

    @Test
    void prefixesTheErrorOfAStepAndStartsNoOther() {
        unaryModels(Runnable::run);
        models.put("mul", failing("mul", later));
        RecordingSender sender = ask(open(CHAIN), 1, 1, 2, 3, 4);
        later.run(0);

        assertThat(sender.failure().describe())
                .isEqualTo("Unavailable: in ensemble 'ens3', mul is tired");
        assertThat(fake("sub").seen()).isEmpty();
    }

    @Test
    void waitsForRunningStepsBeforeItFails() {
        unaryModels(later);
        models.put("mul", failing("mul", later));
        RecordingSender sender = ask(open(FAN), 1, 1, 2, 3, 4);
        later.run(0);
        assertThat(sender.hasEnded()).isFalse();
        later.run(0);

        assertThat(sender.ends()).isEqualTo(1);
        assertThat(sender.failure().text()).isEqualTo("in ensemble 'fan', mul is tired");
        assertThat(later.size()).isZero();
    }

    @Test
    void firstOfTwoErrorsDecides() {
        models.put("mul", failing("mul", later));
        models.put("add", failing("add", later));
        models.put("plus", plus("plus", later));
        RecordingSender sender = ask(open(FAN), 1, 1, 2, 3, 4);
        later.run(1);
        later.run(0);

        assertThat(sender.failure().text()).isEqualTo("in ensemble 'fan', add is tired");
    }

    @Test
    void nestsPrefixesOfNestedEnsembles() {
        unaryModels(Runnable::run);
        models.put("sub", failing("sub", Runnable::run));
        models.put("ens3", open(CHAIN));
        Model outer =
                open(
                        """
                        name: "outer" platform: "ensemble" max_batch_size: 2
                        input [ { name: "I" data_type: TYPE_FP32 dims: [ 4 ] } ]
                        output [ { name: "O" data_type: TYPE_FP32 dims: [ 4 ] } ]
                        ensemble_scheduling { step [
                          { model_name: "ens3" model_version: -1
                            input_map { key: "ENS_IN" value: "I" }
                            output_map { key: "ENS_OUT" value: "O" } } ] }
                        """);

        assertThat(ask(outer, 1, 1, 2, 3, 4).failure().describe())
                .isEqualTo("Unavailable: in ensemble 'outer', in ensemble 'ens3', sub is tired");
    }

    @Test
    void keepsTheModelsOfItsStepsUntilItIsClosed() {
        unaryModels(Runnable::run);
        Model model = open(CHAIN);
        models.clear();

        try (RecordingSender answer = ask(model, 1, 1, 2, 3, 4)) {
            assertThat(answer.response().outputs()).hasSize(2);
            assertThat(leases).hasValue(3);
        }
        model.close();

        assertThat(leases).hasValue(0);
    }

    @Test
    void letsTheModelsGoIfTheGraphCannotBeHad() {
        unaryModels(Runnable::run);
        models.remove("sub");

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> open(CHAIN))
                .withMessage("Request for unknown model: 'sub' is not found");
        assertThat(leases).hasValue(0);
    }

    @Test
    void validatesTheRequestOfEachStep() {
        unaryModels(Runnable::run);
        models.put(
                "add",
                new FakeModel(
                        unaryConfig("add", 4),
                        Runnable::run,
                        _ -> List.of(allocator.fp32("OUT", Shape.of(1, 3), 1, 2, 3))));
        Model model = open(CHAIN);
        InferenceRequest request = request(model, 1, 1, 2, 3, 4);
        request.setId("q");

        assertThat(infer(model, request).failure().text())
                .startsWith(
                        "in ensemble 'ens3', [request id: q] unexpected shape for input 'IN' for"
                                + " model 'mul'. Expected [-1,4], got [1,3]. ");
    }

    @Test
    void saysDeadlockWhenAnOutputIsNeverProduced() {
        unaryModels(Runnable::run);
        models.put("sub", new FakeModel(unaryConfig("sub", 4), Runnable::run, r -> List.of()));

        assertThat(ask(open(CHAIN), 1, 1, 2, 3, 4).failure().describe())
                .isEqualTo(
                        "Invalid argument: in ensemble 'ens3', [request id: <id_unknown>]"
                                + " unexpected deadlock, at least one output is not set while no"
                                + " more ensemble steps can be made");
    }

    @Test
    void failsStepWhoseInputWasNotProduced() {
        unaryModels(Runnable::run);
        models.put("add", new FakeModel(unaryConfig("add", 4), Runnable::run, r -> List.of()));

        assertThat(ask(open(CHAIN), 1, 1, 2, 3, 4).failure().text())
                .startsWith(
                        "in ensemble 'ens3', [request id: <id_unknown>] expected 1 inputs but got"
                                + " 0 inputs for model 'mul'.");
    }

    @Test
    void leavesOptionalInputsOut() {
        FakeModel either =
                new FakeModel(
                        TestConfigs.parse(
                                """
                                name: "either" max_batch_size: 8
                                input [
                                  { name: "A" data_type: TYPE_FP32 dims: [ 4 ] },
                                  { name: "B" data_type: TYPE_FP32 dims: [ 4 ] optional: true } ]
                                output [ { name: "OUT" data_type: TYPE_FP32 dims: [ 4 ] } ]
                                """),
                        Runnable::run,
                        request ->
                                List.of(request.input("A").orElseThrow().retain().withName("OUT")));
        models.put("either", either);
        Model model =
                open(
                        """
                        name: "e" platform: "ensemble" max_batch_size: 8
                        input [ { name: "P" data_type: TYPE_FP32 dims: [ 4 ] },
                                { name: "Q" data_type: TYPE_FP32 dims: [ 4 ] optional: true } ]
                        output [ { name: "O" data_type: TYPE_FP32 dims: [ 4 ] } ]
                        ensemble_scheduling { step [
                          { model_name: "either" model_version: -1
                            input_map { key: "A" value: "P" } input_map { key: "B" value: "Q" }
                            output_map { key: "OUT" value: "O" } } ] }
                        """);
        try (RecordingSender sender = ask(model, 1, 1, 2, 3, 4)) {
            assertThat(sender.response().outputs()).hasSize(1);
        }
        assertThat(either.shapes()).containsExactly("A[1,4]");
    }

    @Test
    void putsBatchDimensionInAndLeavesItOut() {
        models.put("plain", unary("plain", 0, 4, Runnable::run, x -> x));
        models.put("batch", unary("batch", 8, 4, Runnable::run, x -> x));
        Model plain = open(mixed("plain_ens", 0, "batch", "plain"));
        try (RecordingSender sender = infer(plain, plainRequest(plain))) {
            assertThat(sender.response().outputs().getFirst().shape()).isEqualTo(Shape.of(4));
        }
        assertThat(fake("batch").shapes()).containsExactly("IN[1,4]");
        assertThat(fake("plain").shapes()).containsExactly("IN[4]");

        Model batching = open(mixed("batch_ens", 8, "plain", "batch"));
        try (RecordingSender sender = ask(batching, 1, 1, 2, 3, 4)) {
            assertThat(sender.response().outputs().getFirst().shape()).isEqualTo(Shape.of(1, 4));
        }
        assertThat(fake("plain").shapes()).containsExactly("IN[4]", "IN[4]");
        assertThat(fake("batch").shapes()).containsExactly("IN[1,4]", "IN[1,4]");
    }

    @Test
    void passesShapesThatContainTheBatchUnchanged() {
        models.put("rows", rows("rows"));
        models.put("batch", unary("batch", 8, 4, Runnable::run, x -> x));
        Model model = open(mixed("m", 8, "rows", "batch"));
        try (RecordingSender sender = ask(model, 2, 1, 2, 3, 4, 5, 6, 7, 8)) {
            assertThat(sender.response().outputs().getFirst().shape()).isEqualTo(Shape.of(2, 4));
        }
        assertThat(fake("rows").shapes()).containsExactly("IN[2,4]");
        assertThat(fake("batch").shapes()).containsExactly("IN[2,4]");
    }

    @Test
    void givesReshapedOutputsTheirDims() {
        models.put("batch", unary("batch", 8, 4, Runnable::run, x -> x));
        String config =
                """
                name: "r" platform: "ensemble" max_batch_size: 8
                input [ { name: "I" data_type: TYPE_FP32 dims: [ 2, 2 ]
                          reshape { shape: [ 4 ] } } ]
                output [ { name: "O" data_type: TYPE_FP32 dims: [ 4, 1 ]
                           reshape { shape: [ 4 ] } } ]
                ensemble_scheduling { step [
                  { model_name: "batch" model_version: -1
                    input_map { key: "IN" value: "I" }
                    output_map { key: "OUT" value: "O" } } ] }
                """;
        Model model = open(config);
        InferenceRequest request = new InferenceRequest("r", OptionalLong.empty());
        request.addInput(allocator.fp32("I", Shape.of(1, 2, 2), 1, 2, 3, 4));
        try (RecordingSender sender = infer(model, request)) {
            assertThat(sender.response().outputs().getFirst().shape()).isEqualTo(Shape.of(1, 4, 1));
        }
        models.put("batch", badShape());
        Model bad = open(config);
        InferenceRequest again = new InferenceRequest("r", OptionalLong.empty());
        again.addInput(allocator.fp32("I", Shape.of(1, 2, 2), 1, 2, 3, 4));
        assertThat(infer(bad, again).failure().describe())
                .isEqualTo(
                        "Internal: in ensemble 'r', output 'O' has shape [1,3], expected [-1,4]");
    }

    @Test
    void cancelsTheRequestsOfItsStepsAndStartsNoOther() {
        unaryModels(later);
        Model model = open(CHAIN);
        InferenceRequest request = request(model, 1, 1, 2, 3, 4);
        RecordingSender sender = infer(model, request);
        request.cancel();

        assertThat(fake("add").seen().getFirst().isCancelled()).isTrue();
        later.run(0);
        assertThat(sender.failure().code()).isEqualTo(StatusCode.CANCELLED);
        assertThat(sender.failure().text()).isEmpty();
        assertThat(fake("mul").seen()).isEmpty();
    }

    @Test
    void endsBetweenTwoStepsWhenItsTimeIsOver() {
        unaryModels(later);
        Model model = open(CHAIN);
        InferenceRequest request = request(model, 1, 1, 2, 3, 4);
        RecordingSender sender = infer(model, request);
        request.cancel(new StatusException(StatusCode.DEADLINE_EXCEEDED, "too late"));

        assertThat(fake("add").seen().getFirst().cancellation())
                .map(StatusException::text)
                .contains("too late");
        later.run(0);
        assertThat(sender.failure().describe()).isEqualTo("Deadline exceeded: too late");
        assertThat(fake("mul").seen()).isEmpty();
    }

    @Test
    void tellsOfARequestWithWhatItsStepsTookTogether() {
        unaryModels(later);
        fake("mul").setCompute(new ComputeNanos(1, 10, 2));
        fake("add").setCompute(new ComputeNanos(3, 20, 4));
        fake("plus").setCompute(new ComputeNanos(5, 30, 6));
        Model model = open(FAN);
        InferenceRequest request = request(model, 3, new float[12]);
        try (RecordingSender sender = infer(model, request)) {
            now = 70;
            later.run(0);
            later.run(0);
            assertThat(told.executions()).isEmpty();
            later.run(0);

            assertThat(sender.response().outputs()).hasSize(1);
        }
        // Two of the steps ran side by side: their sum may exceed the time that passed.
        assertThat(told.executions())
                .containsExactly(
                        new Execution(
                                new ComputeNanos(9, 60, 12),
                                List.of(new Execution.Request(3, 0, 70, Optional.empty()))));
        assertThat(request.compute()).isEqualTo(new ComputeNanos(9, 60, 12));
        assertThat(told.failures()).isEmpty();
    }

    @Test
    void countsAFailureTwice() {
        unaryModels(Runnable::run);
        models.put("mul", failing("mul", Runnable::run));
        assertThat(ask(open(CHAIN), 1, 1, 2, 3, 4).failure().text()).contains("tired");

        assertThat(told.executions()).isEmpty();
        assertThat(told.failures()).containsExactly(FailureReason.OTHER, FailureReason.OTHER);
    }

    @Test
    void refusesModelThatAnswersMoreThanOnce() {
        unaryModels(Runnable::run);
        models.put("mul", new TwiceModel(fake("mul").config()));
        Model model = open(CHAIN);

        assertThat(ask(model, 1, 1, 2, 3, 4).failure().describe())
                .isEqualTo("Unsupported: in ensemble 'ens3', model 'mul' answered more than once");
    }

    @Test
    void longChainOfModelsThatAnswerInPlaceKeepsTheStackFlat() {
        int length = 5_000;
        models.put("add", unary("add", 8, 4, Runnable::run, x -> x + 1));
        StringBuilder steps = new StringBuilder();
        for (int i = 0; i < length; i++) {
            String in = i == 0 ? "ENS_IN" : "t" + i;
            String out = i == length - 1 ? "ENS_OUT" : "t" + (i + 1);
            steps.append(
                    """
                    step { model_name: "add" model_version: -1
                      input_map { key: "IN" value: "%s" }
                      output_map { key: "OUT" value: "%s" } }
                    """
                            .formatted(in, out));
        }
        Model model =
                open(
                        """
                        name: "long" platform: "ensemble" max_batch_size: 8
                        input [ { name: "ENS_IN" data_type: TYPE_FP32 dims: [ 4 ] } ]
                        output [ { name: "ENS_OUT" data_type: TYPE_FP32 dims: [ 4 ] } ]
                        ensemble_scheduling { %s }
                        """
                                .formatted(steps));
        try (RecordingSender sender = ask(model, 1, 0, 0, 0, 0)) {
            assertThat(floats(sender.response().outputs().getFirst()))
                    .containsExactly(length, length, length, length);
        }
    }

    private static String mixed(String name, int maxBatchSize, String first, String second) {
        return """
        name: "%s" platform: "ensemble" max_batch_size: %d
        input [ { name: "I" data_type: TYPE_FP32 dims: [ 4 ] } ]
        output [ { name: "O" data_type: TYPE_FP32 dims: [ 4 ] } ]
        ensemble_scheduling { step [
          { model_name: "%s" model_version: -1
            input_map { key: "IN" value: "I" } output_map { key: "OUT" value: "t" } },
          { model_name: "%s" model_version: -1
            input_map { key: "IN" value: "t" } output_map { key: "OUT" value: "O" } } ] }
        """
                .formatted(name, maxBatchSize, first, second);
    }

    private void unaryModels(Executor executor) {
        models.put("add", unary("add", 4, executor, x -> x + 1));
        models.put("mul", unary("mul", 4, executor, x -> x * 2));
        models.put("sub", unary("sub", 4, executor, x -> x - 3));
        models.put("plus", plus("plus", executor));
    }

    private FakeModel unary(
            String name, int dim, Executor executor, Function<Float, Float> operation) {
        return unary(name, 8, dim, executor, operation);
    }

    private FakeModel unary(
            String name,
            int maxBatchSize,
            int dim,
            Executor executor,
            Function<Float, Float> operation) {
        return new FakeModel(
                unaryConfig(name, maxBatchSize, Integer.toString(dim)),
                executor,
                request -> List.of(map(request.input("IN").orElseThrow(), operation)));
    }

    private FakeModel rows(String name) {
        return new FakeModel(
                unaryConfig(name, 0, "-1, 4"),
                Runnable::run,
                request -> List.of(map(request.input("IN").orElseThrow(), x -> x)));
    }

    private FakeModel badShape() {
        return new FakeModel(
                unaryConfig("batch", 4),
                Runnable::run,
                request -> List.of(allocator.fp32("OUT", Shape.of(1, 3), 1, 2, 3)));
    }

    private static FakeModel echo(String name, Executor executor) {
        return new FakeModel(
                unaryConfig(name, 4),
                executor,
                request -> List.of(request.input("IN").orElseThrow().retain().withName("OUT")));
    }

    private static FakeModel failing(String name, Executor executor) {
        return new FakeModel(
                unaryConfig(name, 4),
                executor,
                request -> {
                    throw new StatusException(StatusCode.UNAVAILABLE, name + " is tired");
                });
    }

    private FakeModel plus(String name, Executor executor) {
        ModelConfig config =
                TestConfigs.parse(
                        """
                        name: "%s" max_batch_size: 8
                        input [ { name: "A" data_type: TYPE_FP32 dims: [ 4 ] },
                                { name: "B" data_type: TYPE_FP32 dims: [ 4 ] } ]
                        output [ { name: "OUT" data_type: TYPE_FP32 dims: [ 4 ] } ]
                        """
                                .formatted(name));
        return new FakeModel(
                config,
                executor,
                request -> {
                    float[] a = floats(request.input("A").orElseThrow());
                    float[] b = floats(request.input("B").orElseThrow());
                    for (int i = 0; i < a.length; i++) {
                        a[i] += b[i];
                    }
                    Shape shape = request.input("A").orElseThrow().shape();
                    return List.of(allocator.fp32("OUT", shape, a));
                });
    }

    private static ModelConfig unaryConfig(String name, int dim) {
        return unaryConfig(name, 8, Integer.toString(dim));
    }

    private static ModelConfig unaryConfig(String name, int maxBatchSize, String dims) {
        return TestConfigs.parse(
                """
                name: "%s" max_batch_size: %d
                input [ { name: "IN" data_type: TYPE_FP32 dims: [ %s ] } ]
                output [ { name: "OUT" data_type: TYPE_FP32 dims: [ %s ] } ]
                """
                        .formatted(name, maxBatchSize, dims, dims));
    }

    private @Owned Tensor map(Tensor input, Function<Float, Float> operation) {
        float[] values = floats(input);
        for (int i = 0; i < values.length; i++) {
            values[i] = operation.apply(values[i]);
        }
        return allocator.fp32("OUT", input.shape(), values);
    }

    private FakeModel fake(String name) {
        if (models.get(name) instanceof FakeModel fake) {
            return fake;
        }
        throw new AssertionError("no fake model " + name);
    }

    private Model open(String config) {
        return new EnsembleScheduler(TestConfigs.parse(config), 1, this::find, told, () -> now);
    }

    private ModelLease find(String name, OptionalLong version) {
        Model model = models.get(name);
        if (model == null) {
            throw new StatusException(
                    StatusCode.NOT_FOUND, "Request for unknown model: '" + name + "' is not found");
        }
        leases.incrementAndGet();
        return new CountedLease(model);
    }

    private final class CountedLease implements ModelLease {
        private final Model model;

        CountedLease(Model model) {
            this.model = model;
        }

        @Override
        public Model model() {
            return model;
        }

        @Override
        public void close() {
            leases.decrementAndGet();
        }
    }

    private RecordingSender ask(Model model, int rows, float... values) {
        return infer(model, request(model, rows, values));
    }

    private InferenceRequest request(Model model, int rows, float... values) {
        InferenceRequest request =
                new InferenceRequest(model.config().name(), OptionalLong.empty());
        String input = model.config().inputs().keySet().iterator().next();
        request.addInput(allocator.fp32(input, Shape.of(rows, values.length / rows), values));
        return request;
    }

    private InferenceRequest plainRequest(Model model) {
        InferenceRequest request =
                new InferenceRequest(model.config().name(), OptionalLong.empty());
        request.addInput(allocator.fp32("I", Shape.of(4), 1, 2, 3, 4));
        return request;
    }

    private static RecordingSender infer(Model model, InferenceRequest request) {
        model.config().validator().validate(request);
        RecordingSender sender = new RecordingSender();
        model.infer(request, sender);
        return sender;
    }

    private static float[] floats(Tensor tensor) {
        return tensor.buffer().segment().toArray(ValueLayout.JAVA_FLOAT);
    }
}
