package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.ensemble.HandModel.Question;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Random ensembles, several requests at once, steps that answer in any order, fail, and go on
 * although they were cancelled: every request ends once, with the responses that plain recursion
 * finds or the first of them and an error; no step has more requests at once than it may; no memory
 * stays open.
 *
 * <p>{@code -Dnereid.ensemble.steps=N} runs longer, {@code -Dnereid.ensemble.seed=S} again.
 */
class EnsembleStormTest {
    private static final Logger log = LoggerFactory.getLogger(EnsembleStormTest.class);
    private static final int REQUESTS = 25;
    private static final int MOST_AT_ONCE = 5;

    private final long seed = Long.getLong("nereid.ensemble.seed", System.nanoTime());
    private final long wanted = Long.getLong("nereid.ensemble.steps", 200_000);
    private final Random random = new Random(seed);
    private long answered;

    @Test
    void answersEveryRequestOnceAndRight() {
        log.info("seed {}", seed);
        int graphs = 0;
        while (answered < wanted) {
            try (SlabAllocator allocator = new SlabAllocator(1 << 16, true)) {
                new Storm(new RandomGraph(random), allocator).run();
                assertThat(allocator.openBlocks()).as("seed " + seed).isZero();
            }
            graphs++;
        }
        log.info("{} steps of {} ensembles", answered, graphs);
    }

    /** A request on its way. */
    private static final class Run {
        private final InferenceRequest request;
        private final Set<Integer> outputs;
        private final RandomGraph.Given given;
        private final RecordingSender client = new RecordingSender();
        private boolean cancelled;
        private boolean failed;

        Run(InferenceRequest request, Set<Integer> outputs, int input) {
            this.request = request;
            this.outputs = outputs;
            this.given = new RandomGraph.Given(input);
        }
    }

    /** Many requests to one ensemble. */
    private final class Storm {
        private final RandomGraph plan;
        private final TestGraph graph;
        private final EnsembleScheduler ensemble;
        private final List<Run> runs = new ArrayList<>();
        private final int failPercent = random.nextInt(4) * 3;
        private final int cancelPercent = random.nextInt(3) * 2;

        Storm(RandomGraph plan, SlabAllocator allocator) {
            this.plan = plan;
            this.graph = plan.graph(allocator);
            this.ensemble = graph.open();
        }

        void run() {
            int[] busy = busySteps();
            while (runs.size() < REQUESTS || busy.length > 0) {
                long open = runs.stream().filter(run -> !run.client.hasEnded()).count();
                boolean mayBegin = runs.size() < REQUESTS && open < MOST_AT_ONCE;
                if (mayBegin && (busy.length == 0 || random.nextInt(4) == 0)) {
                    begin();
                } else {
                    act(busy[random.nextInt(busy.length)]);
                }
                busy = busySteps();
            }
            runs.forEach(this::check);
            // Waits for requests that have not ended.
            ensemble.close();
        }

        private int[] busySteps() {
            int[] busy =
                    IntStream.range(0, plan.steps().size())
                            .filter(step -> !questions(step).isEmpty())
                            .toArray();
            if (plan.maxInflight() > 0) {
                for (int step : busy) {
                    assertThat(questions(step))
                            .as("seed " + seed)
                            .hasSizeLessThanOrEqualTo(plan.maxInflight());
                }
            }
            return busy;
        }

        private List<Question> questions(int step) {
            return plan.steps().get(step).model().questions();
        }

        private void begin() {
            int input = random.nextInt(1000);
            InferenceRequest request = graph.unchecked(ensemble, input);
            request.setId(Integer.toString(runs.size()));
            Set<Integer> outputs = new TreeSet<>();
            for (int output : plan.outputs()) {
                if (outputs.isEmpty() || random.nextBoolean()) {
                    outputs.add(output);
                    request.addRequestedOutput("t" + output);
                }
            }
            ensemble.config().validator().validate(request);
            Run run = new Run(request, outputs, input);
            runs.add(run);
            ensemble.infer(request, run.client);
        }

        /** Lets one step of one request do something. */
        private void act(int step) {
            List<Question> all = questions(step);
            int place = random.nextInt(all.size());
            Question question = all.get(place);
            Run run = runs.get(Integer.parseInt(question.request().id()));
            boolean givenUp = question.request().isCancelled();
            int dice = random.nextInt(100);
            if (dice < cancelPercent) {
                run.cancelled |= !run.client.hasEnded();
                run.request.cancel();
            } else if (givenUp && random.nextInt(3) > 0) {
                end(all, place, () -> plan.steps().get(step).model().cancelled(question));
            } else if (random.nextInt(100) < failPercent) {
                run.failed |= !givenUp;
                StatusException status = new StatusException(StatusCode.INTERNAL, "m" + step);
                end(all, place, () -> question.sender().fail(status));
            } else if (plan.steps().get(step).decoupled()) {
                stream(step, all, place, run);
            } else {
                respondOnce(step, all, place);
            }
        }

        private void end(List<Question> all, int place, Runnable how) {
            answered++;
            all.remove(place);
            how.run();
        }

        private void stream(int step, List<Question> all, int place, Run run) {
            Question question = all.get(place);
            int dice = random.nextInt(10);
            if (dice < 2) {
                end(all, place, question.sender()::complete);
                return;
            }
            int value = RandomGraph.calculate(step, question.input("A"), random.nextInt(1000));
            run.given.add(step, value);
            if (dice < 6) {
                plan.steps().get(step).model().respond(question, false, graph.number("C", value));
            } else {
                end(all, place, () -> respond(step, question, value, true));
            }
        }

        private void respondOnce(int step, List<Question> all, int place) {
            Question question = all.get(place);
            int value = RandomGraph.calculate(step, question.input("A"), question.input("B"));
            if (random.nextInt(4) > 0) {
                end(all, place, () -> respond(step, question, value, true));
            } else {
                respond(step, question, value, false);
                end(all, place, question.sender()::complete);
            }
        }

        private void respond(int step, Question question, int value, boolean last) {
            plan.steps().get(step).model().respond(question, last, graph.number("C", value));
        }

        private void check(Run run) {
            String seen = "seed " + seed + ", request " + run.request.id();
            try (RecordingSender client = run.client) {
                assertThat(client.ends()).as(seen).isEqualTo(1);
                List<Map<String, Integer>> found =
                        client.responses().stream().map(TestGraph::values).toList();
                List<Map<String, Integer>> expected = plan.responses(run.given, run.outputs);
                if (!run.failed && !run.cancelled) {
                    assertThat(found).as(seen).isEqualTo(expected);
                    return;
                }
                StatusException failure = client.failure();
                assertThat(expected).as(seen).hasSizeGreaterThanOrEqualTo(found.size());
                assertThat(found).as(seen).isEqualTo(expected.subList(0, found.size()));
                if (failure.code() == StatusCode.CANCELLED) {
                    assertThat(run.cancelled).as(seen).isTrue();
                } else {
                    assertThat(run.failed).as(seen).isTrue();
                    assertThat(failure.text()).as(seen).matches("in ensemble 'g', m[0-6]");
                }
            }
        }
    }
}
