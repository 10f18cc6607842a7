package io.nereid.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Time is a field of the test. */
class BatchTest {
    private static final String MODEL =
            """
            name: "m" max_batch_size: 8
            input [ { name: "IN" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUT" data_type: TYPE_INT32 dims: [ 1 ] } ]
            """;
    private static final ModelConfig PLAIN = TestConfigs.parse(MODEL);
    private static final ModelConfig DECOUPLED =
            TestConfigs.parse(MODEL + "model_transaction_policy { decoupled: true }");

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final RecordingListener told = new RecordingListener();
    private final List<Batch.Item> items = new ArrayList<>();
    private final List<RecordingSender> senders = new ArrayList<>();
    private long now;

    @AfterEach
    void close() {
        items.forEach(item -> item.request().close());
        senders.forEach(RecordingSender::close);
    }

    @Test
    void givesEachRequestTheDurationsOfTheWhole() {
        arrive(PLAIN, 1);
        now = 3;
        arrive(PLAIN, 3);
        now = 4;
        Batch batch = begin(PLAIN);
        now = 6;
        batch.inputsReady();
        now = 13;
        batch.outputsReady();
        answer(batch, 0, true);
        answer(batch, 1, true);
        now = 14;
        batch.returned();

        Execution execution = told.executions().getFirst();
        assertThat(execution.compute()).isEqualTo(new ComputeNanos(2, 7, 1));
        assertThat(execution.batchSize()).isEqualTo(4);
        assertThat(execution.requests())
                .containsExactly(
                        new Execution.Request(1, 4, 14, Optional.empty()),
                        new Execution.Request(3, 1, 11, Optional.empty()));
        assertThat(batch.request(1).compute()).isEqualTo(execution.compute());
    }

    @Test
    void countsWhatNobodyMarkedAsComputing() {
        arrive(PLAIN, 1);
        Batch batch = begin(PLAIN);
        now = 5;
        answer(batch, 0, true);
        batch.returned();

        assertThat(told.executions().getFirst().compute()).isEqualTo(new ComputeNanos(0, 5, 0));
    }

    @Test
    void spansAllRequestsThatAnEngineTakesOneByOne() {
        arrive(PLAIN, 1);
        arrive(PLAIN, 1);
        Batch batch = begin(PLAIN);
        for (int i = 0; i < 2; i++) {
            now += 1;
            batch.inputsReady();
            now += 10;
            batch.outputsReady();
            now += 1;
            answer(batch, i, true);
        }
        batch.returned();

        assertThat(told.executions().getFirst().compute()).isEqualTo(new ComputeNanos(1, 22, 1));
    }

    @Test
    void letsAnswersGoOnceTheyAreCounted() {
        arrive(PLAIN, 1);
        arrive(PLAIN, 1);
        Batch batch = begin(PLAIN);
        answer(batch, 0, true);
        batch.fail(1, new StatusException(StatusCode.INTERNAL, "broken"));
        assertThat(senders).noneMatch(RecordingSender::hasEnded);
        assertThat(told.executions()).isEmpty();

        batch.returned();

        assertThat(senders.get(0).response().outputs()).hasSize(1);
        assertThat(senders.get(1).failure().text()).isEqualTo("broken");
        assertThat(told.executions().getFirst().requests())
                .extracting(Execution.Request::failure)
                .containsExactly(Optional.empty(), Optional.of(FailureReason.BACKEND));
    }

    @Test
    void doesNotReturnWithARequestUnanswered() {
        arrive(PLAIN, 1);
        Batch batch = begin(PLAIN);

        assertThatThrownBy(batch::returned)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("1 requests of a batch of 'm' have no answer");
    }

    @Test
    void endsNoRequestTwice() {
        arrive(DECOUPLED, 1);
        Batch batch = begin(DECOUPLED);
        batch.complete(0);

        assertThatThrownBy(() -> batch.complete(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("request 0 of a batch of 'm' ended twice");
        assertThat(senders.getFirst().ends()).isEqualTo(1);
        assertThat(told.executions()).hasSize(1);
    }

    @Test
    void letsResponsesOfDecoupledModelsGoAtOnce() {
        arrive(DECOUPLED, 1);
        Batch batch = begin(DECOUPLED);
        now = 2;
        batch.inputsReady();
        now = 7;
        batch.outputsReady(0);
        now = 8;
        answer(batch, 0, false);
        assertThat(senders.getFirst().responses()).hasSize(1);
        batch.returned();
        assertThat(told.executions()).isEmpty();
        now = 20;
        answer(batch, 0, false);
        now = 21;
        batch.complete(0);

        assertThat(senders.getFirst().ends()).isEqualTo(1);
        assertThat(told.responses())
                .containsExactly(
                        new DecoupledResponse(0, 5, 1, DecoupledResponse.Kind.SUCCESS),
                        new DecoupledResponse(1, 12, 0, DecoupledResponse.Kind.SUCCESS),
                        new DecoupledResponse(2, 1, 0, DecoupledResponse.Kind.EMPTY));
        assertThat(told.executions())
                .containsExactly(
                        new Execution(
                                new ComputeNanos(2, 19, 0),
                                List.of(new Execution.Request(1, 0, 21, Optional.empty()))));
    }

    @Test
    void endsExecutionOfDecoupledModelWithItsLastRequest() {
        arrive(DECOUPLED, 1);
        arrive(DECOUPLED, 2);
        Batch batch = begin(DECOUPLED);
        now = 5;
        answer(batch, 1, true);
        assertThat(senders.get(1).hasEnded()).isTrue();
        assertThat(told.executions()).isEmpty();
        batch.returned();
        now = 9;
        batch.fail(0, new StatusException(StatusCode.INTERNAL, "broken"));

        assertThat(told.executions().getFirst().requests())
                .containsExactly(
                        new Execution.Request(1, 0, 9, Optional.of(FailureReason.BACKEND)),
                        new Execution.Request(2, 0, 5, Optional.empty()));
        assertThat(told.responses())
                .extracting(DecoupledResponse::kind)
                .containsExactly(DecoupledResponse.Kind.SUCCESS, DecoupledResponse.Kind.FAIL);
    }

    @Test
    void tellsCancellationInMidStreamFromFailure() {
        arrive(DECOUPLED, 1);
        arrive(DECOUPLED, 1);
        Batch batch = begin(DECOUPLED);
        answer(batch, 0, false);
        batch.request(0).cancel();
        now = 4;
        batch.fail(0, new StatusException(StatusCode.CANCELLED, ""));
        // Nobody cancelled this one: the engine says so of its own accord.
        batch.fail(1, new StatusException(StatusCode.CANCELLED, "gave up"));

        assertThat(told.responses())
                .extracting(DecoupledResponse::ordinal, DecoupledResponse::kind)
                .containsExactly(
                        tuple(0, DecoupledResponse.Kind.SUCCESS),
                        tuple(1, DecoupledResponse.Kind.CANCEL),
                        tuple(0, DecoupledResponse.Kind.FAIL));
        assertThat(told.executions().getFirst().requests())
                .extracting(Execution.Request::failure)
                .containsExactly(
                        Optional.of(FailureReason.CANCELED), Optional.of(FailureReason.BACKEND));
    }

    @Test
    void leavesPaddingAndRescheduledRequestsOutOfItsReport() {
        FakeStep padding = new FakeStep(true);
        FakeStep again = new FakeStep(false);
        arrive(PLAIN, 1);
        arrive(PLAIN, 1, padding);
        arrive(PLAIN, 1, again);
        Batch batch = begin(PLAIN);
        answer(batch, 0, true);
        answer(batch, 1, true);
        batch.reschedule(2);
        batch.returned();
        Batch.Item first = items.removeFirst();
        first.release();
        items.getLast().release();

        assertThat(again.isRescheduled()).isTrue();
        assertThat(batch.hasEnded(2)).isTrue();
        assertThat(senders.get(2).hasEnded()).isFalse();
        assertThat(told.executions()).hasSize(1);
        assertThat(told.executions().getFirst().requests()).hasSize(1);
        assertThat(first.request().state()).isEqualTo(InferenceRequest.State.RELEASED);
        assertThat(items.getLast().request().state()).isEqualTo(InferenceRequest.State.PENDING);
    }

    @Test
    void tellsOfNoExecutionWithoutRequests() {
        arrive(DECOUPLED, 1, new FakeStep(false));
        Batch batch = begin(DECOUPLED);
        answer(batch, 0, false);
        batch.reschedule(0);
        batch.returned();

        assertThat(senders.getFirst().responses()).hasSize(1);
        assertThat(told.responses()).hasSize(1);
        assertThat(told.executions()).isEmpty();
    }

    @Test
    void refusesToRescheduleRequestsOfNoIterativeSequence() {
        arrive(PLAIN, 1);
        Batch batch = begin(PLAIN);

        assertThatThrownBy(() -> batch.reschedule(0))
                .hasMessage(
                        "Request is released with TRITONSERVER_REQUEST_RELEASE_RESCHEDULE, while"
                                + " the model is not configured to handle such a flag.");
        assertThat(batch.hasEnded(0)).isFalse();
        Tensor state = allocator.int32("S", Shape.of(1), 1);
        assertThatThrownBy(() -> batch.updateState(0, state))
                .hasMessage("state 'S' is not a valid state name.");
        assertThat(batch.stateOutputs()).isEmpty();
    }

    private void arrive(ModelConfig config, int rows) {
        arrive(config, rows, SequenceStep.NONE);
    }

    private void arrive(ModelConfig config, int rows, SequenceStep step) {
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.addInput(allocator.int32("IN", Shape.of(rows, 1), new int[rows]));
        config.validator().validate(request);
        request.enqueued(now);
        RecordingSender sender = new RecordingSender();
        senders.add(sender);
        items.add(new Batch.Item(request, sender, step));
    }

    private Batch begin(ModelConfig config) {
        return new Batch(config, 1, items, told, () -> now);
    }

    private void answer(Batch batch, int index, boolean last) {
        Tensor output = allocator.int32("OUT", Shape.of(1, 1), 7);
        batch.respond(index, List.of(output), Map.of(), last);
    }
}
