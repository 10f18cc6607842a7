package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Batch;
import io.nereid.backend.RecordingListener;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.StatusCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * An idle instance whose executions are quick, lent to the thread that brings requests: this one.
 * Time passes only while something is executed.
 */
class LentInstanceTest {
    private static final long MICRO = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long SPARE = 200 * MICRO;

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final ManualTimer timer = new ManualTimer();
    private final List<LongConsumer> turns = new ArrayList<>();
    private final List<Instance> instances = new ArrayList<>();
    private final List<InferenceRequest> requests = new ArrayList<>();
    private GuardedQueue queue = queue("");

    @AfterEach
    void stop() throws InterruptedException {
        queue.close();
        for (Instance instance : instances) {
            instance.thread.join();
        }
        assertThat(requests)
                .extracting(InferenceRequest::state)
                .containsOnly(InferenceRequest.State.RELEASED);
    }

    @Test
    void executesWhatThisThreadBringsOnThisThread() {
        Instance instance = idle(new Instance());
        InferenceRequest first = bring();
        InferenceRequest second = bring();
        assertThat(instance.executed).isEmpty();

        endTurn(SPARE);

        assertThat(instance.executed).containsExactly(List.of(first, second));
        assertThat(instance.threads).containsExactly(Thread.currentThread());
    }

    @Test
    void isTheInstanceThatWasBusyLast() {
        Instance first = idle(new Instance());
        Instance last = idle(new Instance());

        bring();
        endTurn(SPARE);
        bring();
        endTurn(SPARE);

        assertThat(last.executed).hasSize(2);
        assertThat(first.executed).isEmpty();
    }

    @Test
    void leavesItToTheInstanceIfThisThreadHasNoTime() {
        Instance instance = idle(new Instance());
        bring();
        endTurn(0);

        instance.awaitExecutions(1);
        assertThat(instance.threads).containsExactly(instance.thread);
    }

    @Test
    void leavesItToTheInstanceIfThatIsNotQuick() {
        Instance instance = new Instance();
        instance.quick = false;
        idle(instance);
        bring();
        endTurn(SPARE);

        instance.awaitExecutions(1);
        assertThat(instance.threads).containsExactly(instance.thread);
    }

    @Test
    void leavesItToTheInstanceIfThisBatchIsNotQuick() {
        Instance instance = new Instance();
        instance.quickRequests = 1;
        idle(instance);
        InferenceRequest first = bring();
        InferenceRequest second = bring();
        endTurn(SPARE);
        instance.awaitExecutions(1);
        idle(instance);
        InferenceRequest third = bring();
        endTurn(SPARE);

        assertThat(instance.executed).containsExactly(List.of(first, second), List.of(third));
        assertThat(instance.threads).containsExactly(instance.thread, Thread.currentThread());
    }

    @Test
    void takesWhatComesWhileItExecutes() {
        Instance instance = new Instance();
        InferenceRequest first = request();
        InferenceRequest second = request();
        instance.duringNext = () -> put(second);
        idle(instance);
        put(first);
        endTurn(SPARE);

        assertThat(instance.executed).containsExactly(List.of(first), List.of(second));
        assertThat(instance.threads).containsOnly(Thread.currentThread());
    }

    @Test
    void givesTheInstanceBackWhenItsTimeIsOver() {
        Instance instance = new Instance();
        instance.nanos = SPARE;
        InferenceRequest second = request();
        instance.duringNext = () -> put(second);
        idle(instance);
        bring();
        endTurn(SPARE);

        instance.awaitExecutions(2);
        assertThat(instance.threads).containsExactly(Thread.currentThread(), instance.thread);
    }

    @Test
    void leavesAllToTheInstancesIfThisThreadWillNotComeToAll() {
        queue = direct();
        Instance other = idle(new Instance());
        Instance last = idle(new Instance());
        last.nanos = SPARE / 2;
        last.duringNext = () -> other.awaitExecutions(1);
        bring();
        bring();
        bring();
        endTurn(SPARE);

        last.awaitExecutions(1);
        other.awaitExecutions(1);
        assertThat(last.threads).containsOnly(last.thread);
        assertThat(other.threads).containsOnly(other.thread);
    }

    @Test
    void callsNobodyForWhatItWillComeTo() {
        queue = direct();
        Instance other = idle(new Instance());
        Instance lent = idle(new Instance());
        lent.nanos = SPARE / 10;
        for (int i = 0; i < 5; i++) {
            bring();
        }
        endTurn(SPARE);

        assertThat(lent.executed).hasSize(5);
        assertThat(lent.threads).containsOnly(Thread.currentThread());
        assertThat(other.executed).isEmpty();
    }

    @Test
    void isNotLentTwice() {
        queue = direct();
        Instance instance = new Instance();
        InferenceRequest second = request();
        instance.duringNext =
                () -> {
                    int before = turns.size();
                    put(second);
                    assertThat(turns).hasSize(before);
                };
        idle(instance);
        bring();
        endTurn(SPARE);

        assertThat(instance.executed).hasSize(2);
    }

    @Test
    void endsWhenItIsRetiredMeanwhileAndLeavesTheRestToOthers() throws Exception {
        queue = direct();
        Instance stays = idle(new Instance());
        Instance goes = idle(new Instance());
        goes.duringNext = goes::retire;
        bring();
        InferenceRequest left = bring();
        endTurn(SPARE);

        goes.thread.join();
        stays.awaitExecutions(1);
        assertThat(goes.executed).hasSize(1);
        assertThat(stays.executed).containsExactly(List.of(left));
    }

    @Test
    void endsWhenTheQueueIsClosedMeanwhile() throws Exception {
        queue = direct();
        Instance instance = new Instance();
        instance.duringNext = queue::close;
        idle(instance);
        bring();
        bring();
        endTurn(SPARE);

        instance.thread.join();
        assertThat(instance.executed).hasSize(2);
    }

    @Test
    void comesBackFromAnExecutionThatBreaks() {
        Instance instance = new Instance();
        instance.duringNext =
                () -> {
                    throw new IllegalStateException("broken");
                };
        idle(instance);
        bring();
        try {
            endTurn(SPARE);
        } catch (IllegalStateException expected) {
            assertThat(expected).hasMessage("broken");
        }
        bring();
        endTurn(SPARE);

        assertThat(instance.executed).hasSize(2);
    }

    @Test
    void callsAnotherInstanceForWhatOneLeavesBehind() {
        queue = direct();
        Instance other = idle(new Instance());
        Instance first = idle(new Instance());
        first.quick = false;
        first.duringNext = () -> other.awaitExecutions(1);
        bring();
        bring();
        endTurn(SPARE);

        other.awaitExecutions(1);
        first.awaitExecutions(1);
        assertThat(other.threads).containsExactly(other.thread);
    }

    /** The call of the one that goes must not be lost: nothing else would come. */
    @Test
    void passesTheCallOnThatReachesOneThatHasRetired() throws Exception {
        for (int i = 0; i < 100; i++) {
            queue = direct();
            Instance stays = idle(new Instance());
            Instance goes = idle(new Instance());
            bring();
            // Before it can look at the request.
            goes.retired = true;
            endTurn(0);

            stays.awaitExecutions(1);
            goes.thread.join();
            queue.close();
            stays.thread.join();
        }
    }

    /** A thread that waits for a point in time waits for it on the clock of the machine. */
    @Test
    void hasAnotherLookWhenItsTimeComesWhileItIsLent() {
        queue = queue("max_queue_delay_microseconds: 500000 preferred_batch_size: [ 2 ]");
        Instance other = idle(new Instance());
        Instance lent = idle(new Instance());
        bring();
        endTurn(0);
        lent.awaitTimekeeping();
        lent.duringNext =
                () -> {
                    bring();
                    timer.advance(500_000 * MICRO);
                    other.awaitExecutions(1);
                };
        bring();
        endTurn(SPARE);

        assertThat(lent.threads).containsExactly(Thread.currentThread());
        assertThat(other.threads).containsExactly(other.thread);
    }

    @Test
    void waitsForABatchThatIsWorthIt() {
        queue = queue("max_queue_delay_microseconds: 60000000 preferred_batch_size: [ 2 ]");
        Instance instance = idle(new Instance());
        InferenceRequest first = bring();
        endTurn(SPARE);
        assertThat(instance.executed).isEmpty();
        instance.awaitTimekeeping();
        InferenceRequest second = bring();
        endTurn(SPARE);

        assertThat(instance.executed).containsExactly(List.of(first, second));
        assertThat(instance.threads).containsExactly(Thread.currentThread());
    }

    @Test
    void refusesWhatHasBeenCancelledAndGoesOn() {
        queue = direct();
        Instance instance = idle(new Instance());
        InferenceRequest request = request();
        RecordingSender sender = new RecordingSender();
        queue.put(request, sender);
        request.cancel();
        InferenceRequest second = bring();
        endTurn(SPARE);

        assertThat(sender.failure().code()).isEqualTo(StatusCode.CANCELLED);
        assertThat(instance.executed).containsExactly(List.of(second));
    }

    private GuardedQueue direct() {
        return new GuardedQueue(new ArrivalOrder(100), UnaryOperator.identity(), context());
    }

    private GuardedQueue queue(String batching) {
        return BatchingModel.queue(batching, context());
    }

    private SchedulerContext context() {
        return new SchedulerContext(
                timer::now, new RecordingListener(), timer, InstanceRules.NONE, turns::add);
    }

    private InferenceRequest bring() {
        InferenceRequest request = request();
        put(request);
        return request;
    }

    private void put(InferenceRequest request) {
        queue.put(request, new RecordingSender());
    }

    private InferenceRequest request() {
        InferenceRequest request = BatchingModel.request(allocator, 0);
        requests.add(request);
        return request;
    }

    private void endTurn(long spareNanos) {
        List<LongConsumer> works = List.copyOf(turns);
        turns.clear();
        works.forEach(work -> work.accept(spareNanos));
    }

    /** Waits until an instance's thread waits for work. */
    private Instance idle(Instance instance) {
        instance.await(Thread.State.WAITING);
        return instance;
    }

    /** An instance whose thread takes all that comes and notes what is executed where. */
    private final class Instance implements Taker {
        private final BatchSource seat = queue.seat();
        private final List<List<InferenceRequest>> executed = new CopyOnWriteArrayList<>();
        private final List<Thread> threads = new CopyOnWriteArrayList<>();
        private final Thread thread;
        private volatile boolean retired;
        private volatile boolean quick = true;
        private volatile int quickRequests = Integer.MAX_VALUE;
        private volatile long nanos = MICRO;
        private volatile Runnable duringNext = () -> {};

        Instance() {
            this.thread = Thread.ofPlatform().start(this::run);
            instances.add(this);
        }

        private void run() {
            BatchSource.Work work = seat.take(this);
            while (!work.items().isEmpty()) {
                execute(work);
                work = seat.take(this);
            }
        }

        @Override
        public void execute(BatchSource.Work work) {
            threads.add(Thread.currentThread());
            executed.add(work.items().stream().map(Batch.Item::request).toList());
            timer.advance(nanos);
            Runnable now = duringNext;
            duringNext = () -> {};
            try {
                now.run();
            } finally {
                work.items().forEach(Batch.Item::release);
            }
        }

        void retire() {
            retired = true;
            seat.wake();
        }

        @Override
        public boolean isRetired() {
            return retired;
        }

        @Override
        public boolean isQuick() {
            return quick;
        }

        @Override
        public boolean isQuick(BatchSource.Work work) {
            return work.items().size() <= quickRequests;
        }

        @Override
        public long meanNanos() {
            return nanos;
        }

        void awaitExecutions(int count) {
            while (executed.size() < count) {
                Thread.onSpinWait();
            }
        }

        void awaitTimekeeping() {
            await(Thread.State.TIMED_WAITING);
        }

        private void await(Thread.State state) {
            while (thread.getState() != state) {
                Thread.onSpinWait();
            }
        }
    }
}
