package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.DecoupledResponse;
import io.nereid.backend.FailureReason;
import io.nereid.backend.RecordingListener;
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

/** Ensembles with a step that responds any number of times; the test answers for all steps. */
class DecoupledEnsembleTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final RecordingListener told = new RecordingListener();
    private final HandModel many =
            HandModel.decoupled("many", List.of("IN"), List.of("OUT", "INDEX"));
    private final HandModel after = HandModel.of("after", List.of("A"), List.of("B"), "");
    private final TestGraph graph =
            new TestGraph("stream", allocator, List.of("X"), List.of("Y"))
                    .step(many, Map.of("IN", "X"), Map.of("OUT", "t"))
                    .step(after, Map.of("A", "t"), Map.of("B", "Y"))
                    .decoupled()
                    .telling(told);

    @Test
    void answersOnceForEachResponseOfTheStep() {
        try (RecordingSender client = graph.ask(graph.open(), 5)) {
            Question producer = many.next();
            assertThat(producer.inputs()).isEqualTo(Map.of("IN", 5));
            for (int k = 0; k < 3; k++) {
                many.respond(producer, false, graph.number("OUT", k));
                Question step = after.next();
                assertThat(step.inputs()).isEqualTo(Map.of("A", k));
                after.respond(step, true, graph.number("B", 10 + k));
                assertThat(client.responses()).hasSize(k + 1);
            }
            assertThat(client.hasEnded()).isFalse();
            producer.sender().complete();

            assertThat(client.ends()).isEqualTo(1);
            assertThat(answers(client)).containsExactly(10, 11, 12);
            assertThat(client.responses().getFirst().parameters())
                    .containsEntry("sequence_start", new Parameter.BoolValue(false));
        }
    }

    @Test
    void endsWithTheLastResponseIfNothingElseIsLeft() {
        try (RecordingSender client = graph.ask(graph.open(), 5)) {
            many.respond(many.next(), true, graph.number("OUT", 1));
            assertThat(client.hasEnded()).isFalse();
            after.respond(after.next(), true, graph.number("B", 2));

            assertThat(client.ends()).isEqualTo(1);
            assertThat(answers(client)).containsExactly(2);
        }
        assertThat(told.executions()).hasSize(1);
        assertThat(told.responses())
                .extracting(DecoupledResponse::kind)
                .containsExactly(DecoupledResponse.Kind.SUCCESS);
    }

    @Test
    void endsWithoutResponseIfTheStepGivesNone() {
        RecordingSender client = graph.ask(graph.open(), 5);
        many.next().sender().complete();

        assertThat(client.ends()).isEqualTo(1);
        assertThat(client.responses()).isEmpty();
        assertThat(told.responses())
                .containsExactly(new DecoupledResponse(0, 0, 0, DecoupledResponse.Kind.EMPTY));
        assertThat(told.failures()).isEmpty();
    }

    @Test
    void keepsTheOrderOfResponsesWhenStepsFinishOutOfOrder() {
        try (RecordingSender client = graph.ask(graph.open(), 5)) {
            Question producer = many.next();
            for (int k = 0; k < 3; k++) {
                many.respond(producer, k == 2, graph.number("OUT", k));
            }
            Question zero = after.next();
            Question one = after.next();
            Question two = after.next();
            after.respond(two, true, graph.number("B", two.input("A")));
            after.respond(one, true, graph.number("B", one.input("A")));
            assertThat(client.responses()).isEmpty();
            after.respond(zero, true, graph.number("B", zero.input("A")));

            assertThat(answers(client)).containsExactly(0, 1, 2);
            assertThat(client.ends()).isEqualTo(1);
        }
    }

    @Test
    void bringsTogetherWhatFollowsFromOneResponse() {
        HandModel left = HandModel.of("left", List.of("A"), List.of("B"), "");
        HandModel right = HandModel.of("right", List.of("A"), List.of("B"), "");
        HandModel both = HandModel.of("both", List.of("L", "R"), List.of("S"), "");
        TestGraph fan =
                new TestGraph("fan", allocator, List.of("X"), List.of("Y"))
                        .step(many, Map.of("IN", "X"), Map.of("OUT", "t", "INDEX", "i"))
                        .step(left, Map.of("A", "t"), Map.of("B", "l"))
                        .step(right, Map.of("A", "i"), Map.of("B", "r"))
                        .step(both, Map.of("L", "l", "R", "r"), Map.of("S", "Y"))
                        .decoupled();
        try (RecordingSender client = fan.ask(fan.open(), 5)) {
            Question producer = many.next();
            many.respond(producer, false, graph.number("OUT", 100), graph.number("INDEX", 0));
            many.respond(producer, true, graph.number("OUT", 200), graph.number("INDEX", 1));
            for (Question step : List.of(left.next(), left.next())) {
                left.respond(step, true, graph.number("B", step.input("A")));
            }
            // The second one first: it must not meet the other's half.
            right.questions().reversed().stream()
                    .toList()
                    .forEach(step -> right.respond(step, true, graph.number("B", step.input("A"))));
            assertThat(both.next().inputs()).isEqualTo(Map.of("L", 200, "R", 1));
            assertThat(both.next().inputs()).isEqualTo(Map.of("L", 100, "R", 0));
            assertThat(client.hasEnded()).isFalse();
        }
    }

    @Test
    void multipliesThroughDecoupledStepsInARow() {
        HandModel more = HandModel.decoupled("more", List.of("A"), List.of("B"));
        TestGraph row =
                new TestGraph("row", allocator, List.of("X"), List.of("Y"))
                        .step(many, Map.of("IN", "X"), Map.of("OUT", "t"))
                        .step(more, Map.of("A", "t"), Map.of("B", "Y"))
                        .decoupled();
        try (RecordingSender client = row.ask(row.open(), 5)) {
            Question producer = many.next();
            many.respond(producer, false, graph.number("OUT", 1));
            many.respond(producer, true, graph.number("OUT", 2));
            Question first = more.next();
            Question second = more.next();
            more.respond(second, false, graph.number("B", 20));
            more.respond(first, true, graph.number("B", 10));
            more.respond(second, true, graph.number("B", 21));

            assertThat(answers(client)).containsExactly(20, 10, 21);
            assertThat(client.ends()).isEqualTo(1);
        }
    }

    @Test
    void answersWithTheOutputsThatAResponseBrings() {
        TestGraph partial =
                new TestGraph("partial", allocator, List.of("X"), List.of("Y", "Z"))
                        .step(many, Map.of("IN", "X"), Map.of("OUT", "Y", "INDEX", "Z"))
                        .decoupled();
        try (RecordingSender client = partial.ask(partial.open(), 5)) {
            Question producer = many.next();
            many.respond(producer, false, graph.number("OUT", 1));
            many.respond(producer, false);
            many.respond(producer, true, graph.number("INDEX", 2), graph.number("OUT", 3));

            assertThat(client.responses())
                    .extracting(TestGraph::values)
                    .containsExactly(Map.of("Y", 1), Map.of("Y", 3, "Z", 2));
            assertThat(client.ends()).isEqualTo(1);
        }
    }

    @Test
    void answersOnceIfAnOutputComesOnlyOnce() {
        TestGraph mixed =
                new TestGraph("mixed", allocator, List.of("X"), List.of("Y", "Z"))
                        .step(many, Map.of("IN", "X"), Map.of("OUT", "Z"))
                        .step(after, Map.of("A", "X"), Map.of("B", "Y"))
                        .decoupled();
        try (RecordingSender client = mixed.ask(mixed.open(), 5)) {
            Question producer = many.next();
            many.respond(producer, false, graph.number("OUT", 1));
            many.respond(producer, false, graph.number("OUT", 2));
            assertThat(client.responses()).isEmpty();
            after.respond(after.next(), true, graph.number("B", 9));
            many.respond(producer, false, graph.number("OUT", 3));
            assertThat(allocator.openBlocks()).isEqualTo(2);
            producer.sender().complete();

            assertThat(client.response().outputs()).hasSize(2);
            assertThat(TestGraph.values(client.response())).isEqualTo(Map.of("Y", 9, "Z", 1));
            assertThat(client.ends()).isEqualTo(1);
        }
    }

    @Test
    void keepsWhatWasSentWhenALaterStepFails() {
        try (RecordingSender client = graph.ask(graph.open(), 5)) {
            Question producer = many.next();
            many.respond(producer, false, graph.number("OUT", 1));
            after.respond(after.next(), true, graph.number("B", 2));
            many.respond(producer, false, graph.number("OUT", 3));
            many.respond(producer, false, graph.number("OUT", 4));
            after.fail(after.next(), new StatusException(StatusCode.INTERNAL, "broken"));

            // Nobody wants the rest: whoever works on it is told.
            assertThat(producer.request().isCancelled()).isTrue();
            Question other = after.next();
            assertThat(other.request().isCancelled()).isTrue();
            assertThat(client.hasEnded()).isFalse();
            many.respond(producer, false, graph.number("OUT", 5));
            assertThat(after.questions()).isEmpty();
            many.cancelled(producer);
            after.cancelled(other);

            assertThat(client.ends()).isEqualTo(1);
            assertThat(answers(client)).containsExactly(2);
            assertThat(client.failure().describe())
                    .isEqualTo("Internal: in ensemble 'stream', broken");
        }
        assertThat(told.responses())
                .extracting(DecoupledResponse::kind)
                .containsExactly(DecoupledResponse.Kind.SUCCESS, DecoupledResponse.Kind.FAIL);
        assertThat(told.failures()).containsExactly(FailureReason.OTHER, FailureReason.OTHER);
    }

    @Test
    void isCancelledInMidStream() {
        EnsembleScheduler ensemble = graph.open();
        InferenceRequest request = graph.request(ensemble, 5);
        try (RecordingSender client = new RecordingSender()) {
            ensemble.infer(request, client);
            Question producer = many.next();
            many.respond(producer, false, graph.number("OUT", 1));
            after.respond(after.next(), true, graph.number("B", 2));
            many.respond(producer, false, graph.number("OUT", 3));
            request.cancel();

            Question step = after.next();
            assertThat(producer.request().isCancelled()).isTrue();
            assertThat(step.request().isCancelled()).isTrue();
            // A model may finish what it executes.
            after.respond(step, true, graph.number("B", 4));
            many.cancelled(producer);

            assertThat(answers(client)).containsExactly(2);
            assertThat(client.failure().code()).isEqualTo(StatusCode.CANCELLED);
            assertThat(client.failure().text()).isEmpty();
            assertThat(client.ends()).isEqualTo(1);
        }
        ensemble.close();
    }

    @Test
    void failsBeforeAFastStepFillsTheMemory() {
        EnsembleScheduler ensemble = graph.within(new RunLimits(10, 3, 1 << 20)).open();
        RecordingSender client = graph.ask(ensemble, 5);
        Question producer = many.next();
        for (int k = 0; k < 4; k++) {
            assertThat(producer.request().isCancelled()).isFalse();
            many.respond(producer, false, graph.number("OUT", k));
        }

        assertThat(producer.request().isCancelled()).isTrue();
        many.cancelled(producer);
        List.copyOf(after.questions()).forEach(after::cancelled);
        assertThat(client.failure().describe())
                .isEqualTo(
                        "Unavailable: in ensemble 'stream', Exceeds maximum queue size: the steps"
                                + " after model 'many' are too slow, 3 tensors of its responses"
                                + " wait");
    }

    @Test
    void boundsTheBytesThatWaitToo() {
        EnsembleScheduler ensemble = graph.within(new RunLimits(10, 100, 8)).open();
        RecordingSender client = graph.ask(ensemble, 5);
        Question producer = many.next();
        for (int k = 0; k < 3; k++) {
            many.respond(producer, false, graph.number("OUT", k));
        }
        many.cancelled(producer);
        List.copyOf(after.questions()).forEach(after::cancelled);

        assertThat(client.failure().text()).contains("2 tensors of its responses wait");
    }

    @Test
    void runsAnyNumberOfResponsesThroughAStepThatKeepsUp() {
        try (RecordingSender client = new RecordingSender()) {
            EnsembleScheduler ensemble = graph.within(new RunLimits(10, 3, 1 << 20)).open();
            ensemble.infer(graph.request(ensemble, 5), client);
            Question producer = many.next();
            for (int k = 0; k < 100; k++) {
                many.respond(producer, false, graph.number("OUT", k));
                after.respond(after.next(), true, graph.number("B", k));
            }
            producer.sender().complete();
            assertThat(answers(client)).hasSize(100);
        }
    }

    @Test
    void stepsChangeTheSequenceOfWhatFollowsFromTheirResponse() {
        try (RecordingSender client = graph.ask(graph.open(), 5)) {
            Question producer = many.next();
            many.respond(
                    producer,
                    false,
                    Map.of("sequence_id", new Parameter.Int64Value(7)),
                    graph.number("OUT", 1));
            many.respond(producer, true, graph.number("OUT", 2));
            Question one = after.next();
            Question two = after.next();
            after.respond(one, true, graph.number("B", 1));
            after.respond(two, true, graph.number("B", 2));

            assertThat(client.responses())
                    .extracting(response -> response.parameters().get("sequence_id"))
                    .containsExactly(new Parameter.Int64Value(7), new Parameter.Int64Value(0));
        }
    }

    @Test
    void passesResponsesOfANestedEnsembleOn() {
        EnsembleScheduler inner = graph.open();
        HandModel last = HandModel.of("last", List.of("C"), List.of("D"), "");
        TestGraph outer =
                new TestGraph("outer", allocator, List.of("P"), List.of("Q"))
                        .step(inner, Map.of("X", "P"), Map.of("Y", "u"))
                        .step(last, Map.of("C", "u"), Map.of("D", "Q"))
                        .decoupled();
        try (RecordingSender client = outer.ask(outer.open(), 5)) {
            Question producer = many.next();
            many.took(producer, 0, new ComputeNanos(1, 2, 3));
            for (int k = 0; k < 2; k++) {
                many.respond(producer, false, graph.number("OUT", k));
                after.respond(after.next(), true, graph.number("B", k + 10));
                last.respond(last.next(), true, graph.number("D", k + 20));
            }
            producer.sender().complete();

            assertThat(client.responses())
                    .extracting(TestGraph::values)
                    .containsExactly(Map.of("Q", 20), Map.of("Q", 21));
            assertThat(client.ends()).isEqualTo(1);
        }
    }

    private static List<Integer> answers(RecordingSender client) {
        return client.responses().stream()
                .map(response -> TestGraph.value(response.outputs().getFirst()))
                .toList();
    }
}
