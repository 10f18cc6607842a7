package io.nereid.server.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.nereid.backend.BatchClose;
import io.nereid.backend.DecoupledResponse;
import io.nereid.backend.Execution;
import io.nereid.backend.FailureReason;
import io.nereid.protocol.ComputeNanos;
import io.nereid.server.FakeModel;
import io.nereid.server.statistics.ModelStatistics.Batches;
import io.nereid.server.statistics.ModelStatistics.Duration;
import io.nereid.server.statistics.ModelStatistics.Responses;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The worked examples of metrics section 9, in nanoseconds for milliseconds. */
class VersionCountersTest {
    private static final Duration NEVER = new Duration(0, 0);

    private final VersionCounters counters = new VersionCounters(true, () -> 1234);

    @Test
    void givesEachRequestOfABatchTheWholeDuration() {
        counters.executed(
                new Execution(new ComputeNanos(2, 7, 1), List.of(answered(1, 4), answered(3, 1))));

        ModelStatistics read = counters.read("m", 3);
        assertThat(read.name()).isEqualTo("m");
        assertThat(read.version()).isEqualTo(3);
        assertThat(read.inferenceCount()).isEqualTo(4);
        assertThat(read.executionCount()).isEqualTo(1);
        assertThat(read.lastInferenceMillis()).isEqualTo(1234);
        assertThat(read.requests())
                .isEqualTo(
                        new ModelStatistics.Requests(
                                new Duration(2, 25),
                                NEVER,
                                new Duration(2, 5),
                                new Duration(2, 4),
                                new Duration(2, 14),
                                new Duration(2, 2),
                                NEVER,
                                NEVER));
        assertThat(read.batches())
                .containsExactly(
                        new Batches(4, new Duration(1, 2), new Duration(1, 7), new Duration(1, 1)));
    }

    @Test
    void countsAMissAndThenAHitOfTheSameRequest() {
        counters.executed(new Execution(new ComputeNanos(2, 7, 1), List.of(answered(1, 4))));
        counters.cacheMiss(5);
        counters.cacheHit(3);

        ModelStatistics read = counters.read("m", 1);
        assertThat(read.inferenceCount()).isEqualTo(1);
        assertThat(read.executionCount()).isEqualTo(1);
        assertThat(read.requests())
                .isEqualTo(
                        new ModelStatistics.Requests(
                                new Duration(2, 14 + 5 + 3),
                                NEVER,
                                new Duration(2, 4),
                                new Duration(1, 2),
                                new Duration(1, 7),
                                new Duration(1, 1),
                                new Duration(1, 3),
                                new Duration(1, 5)));
    }

    @Test
    void listsBatchSizesAscending() {
        for (int size : new int[] {8, 1, 300, 8}) {
            counters.executed(new Execution(ComputeNanos.NONE, List.of(answered(size, 0))));
        }

        ModelStatistics read = counters.read("m", 1);
        assertThat(read.batches()).extracting(Batches::batchSize).containsExactly(1L, 8L, 300L);
        assertThat(read.batches().get(1).computeInfer().count()).isEqualTo(2);
        assertThat(read.executionCount()).isEqualTo(4);
    }

    @Test
    void countsRequestsWithoutBatchDimensionAsExecutionsOfTheirOwn() {
        VersionCounters single = new VersionCounters(false, () -> 1);
        single.executed(
                new Execution(new ComputeNanos(0, 5, 0), List.of(answered(1, 0), answered(1, 0))));

        ModelStatistics read = single.read("m", 1);
        assertThat(read.executionCount()).isEqualTo(2);
        assertThat(read.inferenceCount()).isEqualTo(2);
        assertThat(read.batches())
                .containsExactly(new Batches(1, new Duration(2, 0), new Duration(2, 10), zero(2)));
    }

    @Test
    void countsOnlyWhatWasAnsweredOfAnExecutionThatFailedInPart() {
        counters.executed(
                new Execution(
                        new ComputeNanos(0, 5, 0),
                        List.of(answered(2, 1), failed(FailureReason.BACKEND, 6))));

        ModelStatistics read = counters.read("m", 1);
        assertThat(read.requests().success().count()).isEqualTo(1);
        assertThat(read.requests().fail()).isEqualTo(new Duration(1, 6));
        assertThat(read.requests().computeInfer()).isEqualTo(new Duration(1, 5));
        assertThat(read.inferenceCount()).isEqualTo(2);
        // The engine computed all of it.
        assertThat(read.batches()).extracting(Batches::batchSize).containsExactly(3L);
    }

    @Test
    void doesNotCountExecutionsThatFailed() {
        counters.executed(
                new Execution(
                        new ComputeNanos(1, 1, 1), List.of(failed(FailureReason.CANCELED, 9))));

        ModelStatistics read = counters.read("m", 1);
        assertThat(read.executionCount()).isZero();
        assertThat(read.lastInferenceMillis()).isZero();
        assertThat(read.batches()).isEmpty();
        assertThat(read.requests().computeInput()).isEqualTo(NEVER);
        assertThat(read.requests().fail()).isEqualTo(new Duration(1, 9));
        assertThat(counters.failures(FailureReason.CANCELED)).isEqualTo(1);
        assertThat(counters.failures(FailureReason.BACKEND)).isZero();
    }

    @Test
    void keepsTheReasonsOfFailuresApart() {
        counters.failed(FailureReason.REJECTED, 10);
        counters.failed(FailureReason.OTHER, 1);
        counters.failed(FailureReason.OTHER, 1);

        assertThat(counters.read("m", 1).requests().fail()).isEqualTo(new Duration(3, 12));
        assertThat(counters.failures(FailureReason.REJECTED)).isEqualTo(1);
        assertThat(counters.failures(FailureReason.OTHER)).isEqualTo(2);
    }

    @Test
    void tellsWhyBatchesWereClosed() {
        counters.executed(
                new Execution(ComputeNanos.NONE, List.of(answered(1, 0)), BatchClose.FULL));
        counters.executed(
                new Execution(
                        ComputeNanos.NONE,
                        List.of(failed(FailureReason.BACKEND, 1)),
                        BatchClose.DELAY));
        counters.executed(
                new Execution(ComputeNanos.NONE, List.of(answered(1, 0)), BatchClose.FULL));

        assertThat(counters.closed(BatchClose.FULL)).isEqualTo(2);
        assertThat(counters.closed(BatchClose.DELAY)).isEqualTo(1);
        assertThat(counters.closed(BatchClose.IDLE)).isZero();
    }

    @Test
    void tellsResponsesByTheirPosition() {
        respond(0, 5, 1, DecoupledResponse.Kind.SUCCESS);
        respond(0, 7, 1, DecoupledResponse.Kind.SUCCESS);
        respond(1, 3, 0, DecoupledResponse.Kind.FAIL);
        respond(1, 3, 2, DecoupledResponse.Kind.FAIL);
        respond(2, 4, 0, DecoupledResponse.Kind.EMPTY);
        respond(2, 6, 0, DecoupledResponse.Kind.CANCEL);

        assertThat(counters.read("m", 1).responses())
                .containsExactly(
                        entry(
                                0,
                                new Responses(
                                        new Duration(2, 12),
                                        new Duration(2, 2),
                                        new Duration(2, 14),
                                        NEVER,
                                        NEVER,
                                        NEVER)),
                        entry(
                                1,
                                new Responses(
                                        new Duration(2, 6),
                                        new Duration(1, 2),
                                        NEVER,
                                        new Duration(2, 8),
                                        NEVER,
                                        NEVER)),
                        entry(
                                2,
                                new Responses(
                                        new Duration(1, 4),
                                        NEVER,
                                        NEVER,
                                        NEVER,
                                        new Duration(1, 4),
                                        new Duration(1, 6))));
    }

    @Test
    void countsLatePositionsTogether() {
        int last = VersionCounters.MAX_ORDINALS - 1;
        for (int ordinal = last - 1; ordinal < last + 3; ordinal++) {
            respond(ordinal, 1, 0, DecoupledResponse.Kind.SUCCESS);
        }

        var responses = counters.read("m", 1).responses();
        assertThat(responses.keySet()).containsExactly(last - 1, last);
        assertThat(List.copyOf(responses.values()).getLast().success())
                .isEqualTo(new Duration(3, 3));
    }

    @Test
    void losesNothingWhenThreadsCountAtATime() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int t = 1; t <= 4; t++) {
            int size = t;
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < 1000; i++) {
                                    counters.executed(
                                            new Execution(
                                                    new ComputeNanos(1, 1, 1),
                                                    List.of(answered(1 + i % size, 2))));
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        ModelStatistics read = counters.read("m", 1);
        assertThat(read.executionCount()).isEqualTo(4000);
        assertThat(read.requests().queue()).isEqualTo(new Duration(4000, 8000));
    }

    @Test
    void readsTheCountersThatAModelBringsAlong() {
        FakeModel model = FakeModel.echo(FakeModel.config("m", 8, 1), 7);
        counters.failed(FailureReason.OTHER, 1);

        ModelStatistics read =
                new ServerStatistics().of(new CountedModel(model, counters, "", () -> {}));
        assertThat(read.version()).isEqualTo(7);
        assertThat(read.requests().fail().count()).isEqualTo(1);
        assertThatThrownBy(() -> new ServerStatistics().of(model))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("nothing is counted of model 'm'");
    }

    private static Duration zero(long count) {
        return new Duration(count, 0);
    }

    private void respond(int ordinal, long infer, long output, DecoupledResponse.Kind kind) {
        counters.responded(new DecoupledResponse(ordinal, infer, output, kind));
    }

    private static Execution.Request answered(int batchSize, long queueNanos) {
        return new Execution.Request(batchSize, queueNanos, queueNanos + 10, Optional.empty());
    }

    private static Execution.Request failed(FailureReason reason, long nanos) {
        return new Execution.Request(1, 0, nanos, Optional.of(reason));
    }
}
