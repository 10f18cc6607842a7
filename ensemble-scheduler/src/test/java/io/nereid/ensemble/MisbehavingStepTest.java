package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.ensemble.HandModel.Question;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Steps that do what they must not, and clients that go away: the request ends once, nothing stays
 * open, and the other request through the same ensemble is answered.
 */
class MisbehavingStepTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final HandModel left = HandModel.of("left", List.of("A"), List.of("B"), "");
    private final HandModel right = HandModel.of("right", List.of("A"), List.of("B"), "");
    private final HandModel join = HandModel.of("join", List.of("L", "R"), List.of("S"), "");
    private final TestGraph graph =
            new TestGraph("fan", allocator, List.of("X"), List.of("Y"))
                    .step(left, Map.of("A", "X"), Map.of("B", "l"))
                    .step(right, Map.of("A", "X"), Map.of("B", "r"))
                    .step(join, Map.of("L", "l", "R", "r"), Map.of("S", "Y"))
                    .maxInflight(2);
    private final EnsembleScheduler ensemble = graph.open();
    private final RecordingSender other = graph.ask(ensemble, 100);
    private final Question otherLeft = left.next();
    private final Question otherRight = right.next();

    @AfterEach
    void answersTheOther() {
        answer(left, otherLeft);
        answer(right, otherRight);
        Question both = join.next();
        assertThat(both.inputs()).isEqualTo(Map.of("L", 100, "R", 100));
        join.respond(both, true, graph.number("S", 200));
        assertThat(TestGraph.values(other.response())).isEqualTo(Map.of("Y", 200));
        other.close();
        assertThat(left.questions()).isEmpty();
        assertThat(right.questions()).isEmpty();
        assertThat(join.questions()).isEmpty();
        // Returns only if every request has ended.
        ensemble.close();
    }

    @Test
    void aStepThatFailsStopsItsNeighbour() {
        RecordingSender client = graph.ask(ensemble, 1);
        left.fail(left.next(), new StatusException(StatusCode.UNAVAILABLE, "full"));
        Question neighbour = right.next();
        assertThat(neighbour.request().isCancelled()).isTrue();
        right.cancelled(neighbour);

        assertThat(client.failure().describe()).isEqualTo("Unavailable: in ensemble 'fan', full");
    }

    @Test
    void aNeighbourThatFinishesNeverthelessChangesNothing() {
        RecordingSender client = graph.ask(ensemble, 1);
        left.fail(left.next(), new StatusException(StatusCode.INTERNAL, "broken"));
        assertThat(client.hasEnded()).isFalse();
        answer(right, right.next());

        assertThat(client.failure().text()).isEqualTo("in ensemble 'fan', broken");
    }

    @Test
    void aWrongShapeFailsTheRequestOfTheNextStep() {
        RecordingSender client = graph.ask(ensemble, 1);
        left.respond(left.next(), true, allocator.int32("B", Shape.of(2), 1, 2));
        answer(right, right.next());

        assertThat(client.failure().text())
                .startsWith("in ensemble 'fan', [request id: <id_unknown>] unexpected shape");
    }

    @Test
    void aMissingOutputFailsTheRequestOfTheNextStep() {
        RecordingSender client = graph.ask(ensemble, 1);
        left.respond(left.next(), true);
        answer(right, right.next());

        assertThat(client.failure().text())
                .startsWith("in ensemble 'fan', [request id: <id_unknown>] expected 2 inputs");
    }

    @Test
    void outputsThatNobodyKnowsAreDropped() {
        try (RecordingSender client = graph.ask(ensemble, 1)) {
            left.respond(left.next(), true, graph.number("B", 1), graph.number("EXTRA", 9));
            answer(right, right.next());
            join.respond(join.next(), true, graph.number("S", 2));
            assertThat(TestGraph.values(client.response())).isEqualTo(Map.of("Y", 2));
        }
    }

    @Test
    void aSecondAnswerFailsTheRequest() {
        RecordingSender client = graph.ask(ensemble, 1);
        Question twice = left.next();
        left.respond(twice, false, graph.number("B", 1));
        left.respond(twice, true, graph.number("B", 2));
        answer(right, right.next());

        assertThat(client.failure().describe())
                .isEqualTo("Unsupported: in ensemble 'fan', model 'left' answered more than once");
    }

    @Test
    void anAnswerAfterTheEndIsDropped() {
        try (RecordingSender client = graph.ask(ensemble, 1)) {
            Question late = left.next();
            answer(left, late);
            answer(left, late);
            left.fail(late, new StatusException(StatusCode.INTERNAL, "late"));
            late.sender().complete();
            answer(right, right.next());
            join.respond(join.next(), true, graph.number("S", 2));
            assertThat(client.ends()).isEqualTo(1);
            answer(left, late);
            late.sender().complete();

            assertThat(client.ends()).isEqualTo(1);
            assertThat(TestGraph.values(client.response())).isEqualTo(Map.of("Y", 2));
        }
    }

    @Test
    void aStepThatHangsKeepsOnlyItsOwnRequest() {
        InferenceRequest request = graph.request(ensemble, 1);
        RecordingSender client = new RecordingSender();
        ensemble.infer(request, client);
        Question hangs = left.next();
        answer(right, right.next());
        request.cancel();

        assertThat(hangs.request().isCancelled()).isTrue();
        assertThat(client.hasEnded()).isFalse();
        left.cancelled(hangs);
        assertThat(client.failure().code()).isEqualTo(StatusCode.CANCELLED);
    }

    @Test
    void aClientThatVanishesBetweenStepsStartsNoOther() {
        InferenceRequest request = graph.request(ensemble, 1);
        RecordingSender client = new RecordingSender();
        ensemble.infer(request, client);
        answer(left, left.next());
        request.cancel();
        answer(right, right.next());

        assertThat(join.questions()).isEmpty();
        assertThat(client.failure().code()).isEqualTo(StatusCode.CANCELLED);
        request.cancel();
        assertThat(client.ends()).isEqualTo(1);
    }

    private void answer(HandModel model, Question question) {
        model.respond(question, true, graph.number("B", question.input("A")));
    }
}
