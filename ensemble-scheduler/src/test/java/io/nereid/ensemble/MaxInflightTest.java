package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Model;
import io.nereid.ensemble.HandModel.Question;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ensembles that allow so many requests of each step, or so many requests at all. */
class MaxInflightTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final HandModel first = HandModel.of("first", List.of("A"), List.of("B"), "");
    private final HandModel second = HandModel.of("second", List.of("A"), List.of("B"), "");
    private final TestGraph chain =
            new TestGraph("chain", allocator, List.of("X"), List.of("Y"))
                    .step(first, Map.of("A", "X"), Map.of("B", "t"))
                    .step(second, Map.of("A", "t"), Map.of("B", "Y"));

    @Test
    void letsSoManyRequestsOfAStepBeOnTheirWay() {
        EnsembleScheduler ensemble = chain.maxInflight(2).open();
        List<RecordingSender> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(chain.ask(ensemble, i));
        }
        assertThat(first.questions()).hasSize(2);

        answer(first, first.next());
        assertThat(first.questions()).hasSize(2);
        assertThat(second.questions()).hasSize(1);
        while (!first.questions().isEmpty() || !second.questions().isEmpty()) {
            answer(first, first.questions().isEmpty() ? second.next() : first.next());
            assertThat(first.questions()).hasSizeLessThanOrEqualTo(2);
            assertThat(second.questions()).hasSizeLessThanOrEqualTo(2);
        }
        for (int i = 0; i < 4; i++) {
            assertThat(TestGraph.values(clients.get(i).response())).isEqualTo(Map.of("Y", i));
            clients.get(i).close();
        }
        ensemble.close();
    }

    @Test
    void requestsTakeTurnsWhereOneWantsManySlots() {
        HandModel many = HandModel.decoupled("many", List.of("IN"), List.of("OUT"));
        TestGraph stream =
                new TestGraph("stream", allocator, List.of("X"), List.of("Y"))
                        .step(many, Map.of("IN", "X"), Map.of("OUT", "t"))
                        .step(second, Map.of("A", "t"), Map.of("B", "Y"))
                        .decoupled()
                        .maxInflight(1);
        EnsembleScheduler ensemble = stream.open();
        try (RecordingSender greedy = stream.ask(ensemble, 0)) {
            Question producer = many.next();
            for (int k = 0; k < 3; k++) {
                many.respond(producer, k == 2, stream.number("OUT", k));
            }
            try (RecordingSender modest = stream.ask(ensemble, 1)) {
                many.respond(many.next(), true, stream.number("OUT", 100));
                List<Integer> order = new ArrayList<>();
                while (!second.questions().isEmpty()) {
                    assertThat(second.questions()).hasSize(1);
                    Question step = second.next();
                    order.add(step.input("A"));
                    answer(second, step);
                }
                assertThat(order).containsExactly(0, 1, 100, 2);
                assertThat(modest.response().outputs()).hasSize(1);
            }
            assertThat(greedy.responses()).hasSize(3);
        }
        ensemble.close();
    }

    @Test
    void cancelledRequestsStopWaiting() {
        EnsembleScheduler ensemble = chain.maxInflight(1).open();
        try (RecordingSender running = chain.ask(ensemble, 1)) {
            InferenceRequest waits = chain.request(ensemble, 2);
            RecordingSender gone = new RecordingSender();
            ensemble.infer(waits, gone);
            RecordingSender last = chain.ask(ensemble, 3);
            waits.cancel();
            assertThat(gone.failure().code()).isEqualTo(StatusCode.CANCELLED);

            answer(first, first.next());
            Question next = first.next();
            assertThat(next.inputs()).isEqualTo(Map.of("A", 3));
            first.fail(next, new StatusException(StatusCode.INTERNAL, "no"));
            answer(second, second.next());
            assertThat(running.response().outputs()).hasSize(1);
            assertThat(last.failure().text()).isEqualTo("in ensemble 'chain', no");
        }
        ensemble.close();
    }

    @Test
    void aFailedStepLeavesItsSlotToTheNext() {
        EnsembleScheduler ensemble = chain.maxInflight(1).open();
        RecordingSender fails = chain.ask(ensemble, 1);
        try (RecordingSender next = chain.ask(ensemble, 2)) {
            first.fail(first.next(), new StatusException(StatusCode.UNAVAILABLE, "full"));
            assertThat(fails.failure().code()).isEqualTo(StatusCode.UNAVAILABLE);
            answer(first, first.next());
            answer(second, second.next());
            assertThat(next.response().outputs()).hasSize(1);
        }
        ensemble.close();
    }

    @Test
    void thousandsWhoWaitForAModelThatAnswersInPlaceKeepTheStackFlat() {
        InPlace quick = new InPlace(first, 1);
        TestGraph graph =
                new TestGraph("quick", allocator, List.of("X"), List.of("Y"))
                        .step(quick, Map.of("A", "X"), Map.of("B", "Y"))
                        .maxInflight(1);
        EnsembleScheduler ensemble = graph.open();
        List<RecordingSender> clients = new ArrayList<>();
        clients.add(graph.ask(ensemble, 0));
        Question head = first.next();
        for (int i = 1; i < 20_000; i++) {
            clients.add(graph.ask(ensemble, i));
        }
        assertThat(first.questions()).isEmpty();
        answer(first, head);
        clients.forEach(client -> {
            assertThat(client.response().outputs()).hasSize(1);
            client.close();
        });
        ensemble.close();
    }

    @Test
    void refusesMoreRequestsThanItHoldsAtOnce() {
        EnsembleScheduler ensemble = chain.within(new RunLimits(2, 10, 1 << 20)).open();
        RecordingSender one = chain.ask(ensemble, 1);
        try (RecordingSender two = chain.ask(ensemble, 2)) {
            assertThat(chain.ask(ensemble, 3).failure().describe())
                    .isEqualTo(
                            "Unavailable: [request id: <id_unknown>] Exceeds maximum queue size");

            first.fail(first.next(), new StatusException(StatusCode.INTERNAL, "no"));
            assertThat(one.ends()).isEqualTo(1);
            try (RecordingSender three = chain.ask(ensemble, 3)) {
                answer(first, first.next());
                answer(first, first.next());
                answer(second, second.next());
                answer(second, second.next());
                assertThat(two.response().outputs()).hasSize(1);
                assertThat(three.response().outputs()).hasSize(1);
            }
        }
        ensemble.close();
    }

    private void answer(HandModel model, Question question) {
        model.respond(question, true, chain.number("B", question.input("A")));
    }

    /** Leaves the first requests to another model; answers later ones on the thread that asks. */
    private static final class InPlace implements Model {
        private final Model slow;
        private int left;

        InPlace(Model slow, int left) {
            this.slow = slow;
            this.left = left;
        }

        @Override
        public ModelConfig config() {
            return slow.config();
        }

        @Override
        public long version() {
            return 1;
        }

        @Override
        public void infer(@Owned InferenceRequest request, ResponseSender sender) {
            if (left > 0) {
                left--;
                slow.infer(request, sender);
                return;
            }
            Tensor output = request.input("A").orElseThrow().retain().withName("B");
            request.close();
            sender.send(new InferenceResponse("", "first", 1, Map.of(), List.of(output)), true);
        }

        @Override
        public void close() {}
    }
}
