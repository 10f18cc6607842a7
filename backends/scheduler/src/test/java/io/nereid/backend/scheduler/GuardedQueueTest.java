package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Batch;
import io.nereid.backend.FailureReason;
import io.nereid.backend.RecordingListener;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No instance is free unless the test takes a batch; time is the test's. */
class GuardedQueueTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final String TIMEOUT =
            "default_queue_policy { default_timeout_microseconds: 300000"
                    + " allow_timeout_override: true max_queue_size: 2 }";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final RecordingListener told = new RecordingListener();
    private final ManualTimer timer = new ManualTimer();
    private final List<InferenceRequest> taken = new ArrayList<>();

    @AfterEach
    void closeWhatWasTaken() {
        taken.forEach(InferenceRequest::close);
    }

    @Test
    void answersACancelledRequestAtOnceAndGivesItsPlaceAway() {
        GuardedQueue queue = batching(TIMEOUT);
        RecordingSender cancelled = new RecordingSender();
        InferenceRequest first = put(queue, cancelled, 0);
        InferenceRequest second = put(queue, new RecordingSender(), 0);
        RecordingSender refused = new RecordingSender();
        put(queue, refused, 0);
        assertThat(refused.failure().text()).endsWith("Exceeds maximum queue size");

        first.cancel();
        assertThat(cancelled.failure().code()).isEqualTo(StatusCode.CANCELLED);
        assertThat(cancelled.failure().text()).isEmpty();
        assertThat(first.state()).isEqualTo(InferenceRequest.State.RELEASED);
        InferenceRequest third = put(queue, new RecordingSender(), 0);
        first.cancel();

        assertThat(take(queue)).containsExactly(second, third);
        assertThat(cancelled.ends()).isEqualTo(1);
        assertThat(told.failures()).containsExactly(FailureReason.CANCELED);
    }

    @Test
    void answersWithTheReasonForWhichARequestWasCancelled() {
        GuardedQueue queue = batching(TIMEOUT);
        RecordingSender sender = new RecordingSender();
        InferenceRequest request = put(queue, sender, 0);

        request.cancel(new StatusException(StatusCode.DEADLINE_EXCEEDED, "too late"));
        request.cancel();

        assertThat(sender.failure().describe()).isEqualTo("Deadline exceeded: too late");
        assertThat(sender.ends()).isEqualTo(1);
        assertThat(told.failures()).containsExactly(FailureReason.REJECTED);
    }

    @Test
    void saysThatItIsOverloadWhichFillsIt() {
        GuardedQueue queue =
                new GuardedQueue(new ArrivalOrder(1), UnaryOperator.identity(), context());
        put(queue, new RecordingSender(), 0);
        RecordingSender refused = new RecordingSender();
        put(queue, refused, 0);

        assertThat(refused.failure().isOverload()).isTrue();
        assertThat(refused.failure().code()).isEqualTo(StatusCode.UNAVAILABLE);
        take(queue);
    }

    @Test
    void wakesAnIdleInstanceOnceForAllThatAThreadBrings() throws Exception {
        List<LongConsumer> turns = new ArrayList<>();
        GuardedQueue queue = batching("", turns::add);
        Thread instance = idleInstance(queue);

        InferenceRequest first = put(queue, new RecordingSender(), 0);
        InferenceRequest second = put(queue, new RecordingSender(), 0);

        assertThat(turns).hasSize(1);
        assertThat(instance.getState()).isEqualTo(Thread.State.WAITING);
        turns.getFirst().accept(0);
        instance.join();
        assertThat(taken).containsExactly(first, second);
    }

    @Test
    void wakesNobodyWhileEveryInstanceIsBusy() {
        List<LongConsumer> turns = new ArrayList<>();
        GuardedQueue queue = batching("", turns::add);

        put(queue, new RecordingSender(), 0);

        assertThat(turns).isEmpty();
        assertThat(take(queue)).hasSize(1);
    }

    /** Threads do not wait for each other: the first may still be busy with something else. */
    @Test
    void wakesAnIdleInstanceForEachThreadThatBringsSomething() throws Exception {
        List<LongConsumer> turns = new ArrayList<>();
        GuardedQueue queue = batching("", turns::add);
        Thread instance = idleInstance(queue);
        put(queue, new RecordingSender(), 0);

        Thread other = Thread.ofPlatform().start(() -> put(queue, new RecordingSender(), 0));
        other.join();
        turns.get(1).accept(0);

        instance.join();
        assertThat(turns).hasSize(2);
        assertThat(taken).hasSize(2);
    }

    /** Takes a batch on a thread of its own, which waits for it by now. */
    private Thread idleInstance(GuardedQueue queue) {
        Thread instance = Thread.ofPlatform().start(() -> take(queue));
        while (instance.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return instance;
    }

    @Test
    void answersARequestThatWasCancelledBeforeItCame() {
        GuardedQueue queue =
                new GuardedQueue(new ArrivalOrder(1), UnaryOperator.identity(), context());
        InferenceRequest request = BatchingModel.request(allocator, 0);
        RecordingSender sender = new RecordingSender();
        request.cancel();
        queue.put(request, sender);

        assertThat(sender.failure().code()).isEqualTo(StatusCode.CANCELLED);
        InferenceRequest next = put(queue, new RecordingSender(), 0);
        assertThat(take(queue)).containsExactly(next);
    }

    @Test
    void leavesARequestAloneThatIsBeingExecuted() {
        GuardedQueue queue = batching(TIMEOUT);
        RecordingSender sender = new RecordingSender();
        InferenceRequest request = put(queue, sender, 0);
        assertThat(take(queue)).containsExactly(request);

        request.cancel();
        timer.advance(1000 * MILLI);

        assertThat(sender.hasEnded()).isFalse();
        assertThat(told.failures()).isEmpty();
    }

    @Test
    void rejectsLateRequestsAlthoughNoInstanceIsFree() {
        GuardedQueue queue = batching(TIMEOUT);
        RecordingSender early = new RecordingSender();
        RecordingSender late = new RecordingSender();
        put(queue, early, 0);
        timer.advance(100 * MILLI);
        put(queue, late, 0);

        timer.advance(200 * MILLI - 1);
        assertThat(early.hasEnded()).isFalse();
        timer.advance(1);
        assertThat(early.failure().describe()).isEqualTo("Unavailable: Request timeout expired");
        assertThat(late.hasEnded()).isFalse();
        timer.advance(100 * MILLI);
        assertThat(late.ends()).isEqualTo(1);
        assertThat(told.failures()).containsExactly(FailureReason.REJECTED, FailureReason.REJECTED);
        assertThat(timer.asked()).isEqualTo(2);
    }

    @Test
    void letsADelayedRequestGiveWayToLaterOnes() {
        GuardedQueue queue =
                batching(
                        "preferred_batch_size: [ 1 ] default_queue_policy { timeout_action: DELAY"
                                + " default_timeout_microseconds: 300000 }");
        RecordingSender delayed = new RecordingSender();
        InferenceRequest first = put(queue, delayed, 0);
        timer.advance(300 * MILLI);
        assertThat(delayed.hasEnded()).isFalse();
        InferenceRequest second = put(queue, new RecordingSender(), 0);

        assertThat(take(queue)).containsExactly(second);
        assertThat(take(queue)).containsExactly(first);
        assertThat(told.failures()).isEmpty();
    }

    @Test
    void rejectsARequestWithAShorterTimeoutBeforeOlderOnes() {
        GuardedQueue queue = batching(TIMEOUT);
        RecordingSender patient = new RecordingSender();
        RecordingSender hasty = new RecordingSender();
        InferenceRequest first = put(queue, patient, 0);
        put(queue, hasty, 50_000);

        timer.advance(50 * MILLI);
        assertThat(hasty.ends()).isEqualTo(1);
        assertThat(patient.hasEnded()).isFalse();
        assertThat(take(queue)).containsExactly(first);
        timer.advance(1000 * MILLI);
        assertThat(patient.hasEnded()).isFalse();
        // The alarm for the first, the earlier one, and the one for the first again.
        assertThat(timer.asked()).isEqualTo(3);
    }

    @Test
    void asksNothingOfTheTimerForRequestsThatMayWait() {
        GuardedQueue queue = batching("");
        GuardedQueue direct =
                new GuardedQueue(new ArrivalOrder(9), UnaryOperator.identity(), context());
        List<InferenceRequest> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(put(queue, new RecordingSender(), 50_000));
        }
        InferenceRequest alone = put(direct, new RecordingSender(), 50_000);
        assertThat(timer.asked()).isZero();
        assertThat(take(queue)).containsExactlyElementsOf(all);
        assertThat(take(direct)).containsExactly(alone);
    }

    @Test
    void asksTheTimerOnceForManyRequests() {
        GuardedQueue queue =
                batching("default_queue_policy { default_timeout_microseconds: 300000 }");
        for (int i = 0; i < 8; i++) {
            put(queue, new RecordingSender(), 0);
            timer.advance(MILLI);
        }
        assertThat(timer.asked()).isEqualTo(1);
        take(queue);
        timer.advance(1000 * MILLI);
        assertThat(timer.asked()).isEqualTo(1);
    }

    @Test
    void letsTheOrderGoOnWhenARequestLeaves() {
        GuardedQueue queue =
                new GuardedQueue(new ArrivalOrder(9), new ResponseOrder()::inOrder, context());
        List<RecordingSender> senders = new ArrayList<>();
        List<InferenceRequest> requests = new ArrayList<>();
        List<Batch.Item> items = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            senders.add(new RecordingSender());
            requests.add(put(queue, senders.get(i), 0));
        }
        items.addAll(queue.seat().take(Taker.ALONE).items());
        requests.get(1).cancel();
        assertThat(senders.get(1).hasEnded()).isFalse();
        items.addAll(queue.seat().take(Taker.ALONE).items());
        items.forEach(item -> taken.add(item.request()));
        items.get(1).sender().complete();
        assertThat(senders.get(2).hasEnded()).isFalse();
        items.get(0).sender().complete();

        assertThat(senders).extracting(RecordingSender::ends).containsExactly(1, 1, 1);
        assertThat(senders.get(1).failure().code()).isEqualTo(StatusCode.CANCELLED);
    }

    private GuardedQueue batching(String batching) {
        return batching(batching, Turns.NONE);
    }

    private GuardedQueue batching(String batching, Turns turns) {
        return BatchingModel.queue(
                batching, new SchedulerContext(timer::now, told, timer, InstanceRules.NONE, turns));
    }

    private SchedulerContext context() {
        return new SchedulerContext(timer::now, told, timer);
    }

    private InferenceRequest put(GuardedQueue queue, RecordingSender sender, long timeoutMicros) {
        InferenceRequest request = BatchingModel.request(allocator, timeoutMicros);
        queue.put(request, sender);
        return request;
    }

    /** What an instance that is free now executes. */
    private List<InferenceRequest> take(GuardedQueue queue) {
        List<InferenceRequest> batch =
                queue.seat().take(Taker.ALONE).items().stream().map(Batch.Item::request).toList();
        taken.addAll(batch);
        return batch;
    }
}
