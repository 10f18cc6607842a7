package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.EnsembleStep;
import io.nereid.backend.RecordingListener;
import io.nereid.backend.RecordingListener.Stepped;
import io.nereid.ensemble.HandModel.Question;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is told of the time that steps take; a test sets the clock. */
class StepTimingTest {
    private static final ComputeNanos COMPUTE = new ComputeNanos(1_000, 20_000, 3_000);

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private long now = 5_000_000;

    private final RecordingListener told = new RecordingListener();
    private final HandModel first = HandModel.of("first", List.of("A"), List.of("B"), "");
    private final HandModel second = HandModel.of("second", List.of("A"), List.of("B"), "");
    private final TestGraph chain =
            new TestGraph("chain", allocator, List.of("X"), List.of("Y"))
                    .step(first, Map.of("A", "X"), Map.of("B", "t"))
                    .step(second, Map.of("A", "t"), Map.of("B", "Y"))
                    .telling(told)
                    .at(() -> now);

    @Test
    void tellsTheListenerWhatEachStepTook() {
        try (RecordingSender client = chain.ask(chain.open(), 1)) {
            answer(first, 30_000);
            assertThat(told.steps())
                    .containsExactly(
                            new Stepped(new EnsembleStep(0, "first", 1), 4_000, COMPUTE, 30_000));
            answer(second, 50_000);
            assertThat(client.response().parameters()).hasSize(3);
        }
        assertThat(told.steps())
                .extracting(step -> step.step().index() + ": " + step.totalNanos())
                .containsExactly("0: 30000", "1: 50000");
    }

    @Test
    void tellsNothingOfStepsThatFail() {
        RecordingSender client = chain.ask(chain.open(), 1);
        first.fail(first.next(), new StatusException(StatusCode.INTERNAL, "no"));

        assertThat(client.ends()).isEqualTo(1);
        assertThat(told.steps()).isEmpty();
    }

    @Test
    void answersWithTheTimingThatARequestAsksFor() {
        try (RecordingSender client = timed(chain, chain.open())) {
            answer(first, 30_000);
            answer(second, 50_000);

            assertThat(timing(client, 0))
                    .isEqualTo(
                            "{\"total_us\":80,\"steps\":["
                                    + step(0, "first", 0, 30)
                                    + "},"
                                    + step(1, "second", 30, 50)
                                    + "}]}");
        }
    }

    @Test
    void countsTheWaitForASlotAsQueue() {
        EnsembleScheduler ensemble = chain.maxInflight(1).open();
        try (RecordingSender ahead = chain.ask(ensemble, 1);
                RecordingSender client = timed(chain, ensemble)) {
            answer(first, 30_000);
            answer(first, 30_000);
            answer(second, 10_000);
            answer(second, 10_000);
            assertThat(ahead.ends()).isEqualTo(1);
            assertThat(timing(client, 0))
                    .contains("\"model\":\"first\",\"version\":1,\"start_us\":0,\"queue_us\":34");
        }
    }

    @Test
    void showsTheStepsOfANestedEnsemble() {
        TestGraph outer =
                new TestGraph("outer", allocator, List.of("P"), List.of("Q"))
                        .step(chain.open(), Map.of("X", "P"), Map.of("Y", "Q"))
                        .at(() -> now);
        try (RecordingSender client = timed(outer, outer.open())) {
            answer(first, 30_000);
            answer(second, 50_000);

            assertThat(timing(client, 0))
                    .startsWith("{\"total_us\":80,\"steps\":[{\"step\":0,\"model\":\"chain\",")
                    .contains(
                            "\"total_us\":80,\"nested\":{\"total_us\":80,\"steps\":["
                                    + step(0, "first", 0, 30))
                    .endsWith("}]}}]}");
        }
    }

    @Test
    void takesNoTextOfOtherModelsForTiming() {
        try (RecordingSender client = timed(chain, chain.open())) {
            Question question = first.next();
            first.respond(
                    question,
                    true,
                    Map.of(RunTimings.PARAMETER, new Parameter.StringValue("}")),
                    chain.number("B", 1));
            answer(second, 0);
            assertThat(timing(client, 0)).doesNotContain("nested");
        }
    }

    @Test
    void eachResponseOfADecoupledEnsembleTellsOfWhatCameBeforeIt() {
        HandModel many = HandModel.decoupled("many", List.of("IN"), List.of("OUT"));
        TestGraph stream =
                new TestGraph("stream", allocator, List.of("X"), List.of("Y"))
                        .step(many, Map.of("IN", "X"), Map.of("OUT", "t"))
                        .step(second, Map.of("A", "t"), Map.of("B", "Y"))
                        .decoupled()
                        .at(() -> now);
        try (RecordingSender client = timed(stream, stream.open())) {
            Question producer = many.next();
            for (int k = 0; k < 2; k++) {
                now += 10_000;
                many.respond(producer, false, stream.number("OUT", k));
                answer(second, 50_000);
            }
            producer.sender().complete();

            assertThat(timing(client, 0))
                    .startsWith("{\"total_us\":60,\"steps\":[{\"step\":0,\"model\":\"many\",")
                    .contains("\"total_us\":10},{\"step\":1,\"model\":\"second\"");
            assertThat(timing(client, 1))
                    .startsWith("{\"total_us\":120,\"steps\":[{\"step\":0,")
                    .contains("\"total_us\":70},{\"step\":1,");
        }
    }

    @Test
    void tellsOfSoManyStepsAtOnceOnly() {
        RunTimings timings = new RunTimings(0);
        StepTiming step =
                new StepTiming(new EnsembleStep(0, "m", 1), 0, 0, ComputeNanos.NONE, 0, "");
        for (int i = 0; i < RunTimings.MAX_STEPS + 5; i++) {
            timings.add(step);
        }
        assertThat(timings.take(0)).endsWith("}],\"left_out\":5}");
        assertThat(timings.take(0)).isEqualTo("{\"total_us\":0,\"steps\":[]}");
    }

    @Test
    void writesNamesAsJsonDoes() {
        RunTimings timings = new RunTimings(0);
        timings.add(
                new StepTiming(new EnsembleStep(0, "a\"b\\\n", 1), 0, 0, ComputeNanos.NONE, 0, ""));

        assertThat(timings.take(0)).contains("\"model\":\"a\\\"b\\\\\\u000a\",");
    }

    private static String step(int index, String model, long start, long total) {
        return "{\"step\":%d,\"model\":\"%s\",\"version\":1,\"start_us\":%d,\"queue_us\":4,"
                        .formatted(index, model, start)
                + "\"compute_input_us\":1,\"compute_infer_us\":20,\"compute_output_us\":3,"
                + "\"total_us\":%d".formatted(total);
    }

    private void answer(HandModel model, long nanos) {
        Question question = model.next();
        now += nanos;
        model.took(question, 4_000, COMPUTE);
        model.respond(question, true, chain.number("B", question.input("A")));
    }

    private static RecordingSender timed(TestGraph graph, EnsembleScheduler ensemble) {
        InferenceRequest request = graph.unchecked(ensemble, 1);
        request.setParameter(RunTimings.PARAMETER, new Parameter.BoolValue(true));
        ensemble.config().validator().validate(request);
        RecordingSender client = new RecordingSender();
        ensemble.infer(request, client);
        return client;
    }

    private static String timing(RecordingSender client, int response) {
        return client.responses().get(response).parameters().get(RunTimings.PARAMETER)
                        instanceof Parameter.StringValue(String text)
                ? text
                : "";
    }
}
