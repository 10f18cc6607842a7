package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Batch;
import io.nereid.backend.FailureReason;
import io.nereid.backend.FakeBackendModel;
import io.nereid.backend.Model;
import io.nereid.backend.ModelContractTest;
import io.nereid.backend.RecordingListener;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class DynamicBatcherTest extends ModelContractTest {
    private final Semaphore started = new Semaphore(0);
    private final Semaphore mayRun = new Semaphore(0);
    private final RecordingListener told = new RecordingListener();
    private final FakeBackendModel gated =
            new FakeBackendModel(batch -> {
                started.release();
                mayRun.acquireUninterruptibly();
                echo(batch);
            });

    @Override
    protected Model open() {
        return open("dynamic_batching { }", new FakeBackendModel(ModelContractTest::echo), 2);
    }

    private Model open(String scheduling, FakeBackendModel engine, int instances) {
        return EchoModel.open(EchoModel.config(scheduling), 1, engine, instances, told);
    }

    @Test
    void executesWhatWaitsTogether() {
        List<RecordingSender> senders = new ArrayList<>();
        try (Model model = open("dynamic_batching { }", gated, 1)) {
            senders.add(send(model, 0));
            started.acquireUninterruptibly();
            for (int i = 1; i <= 12; i++) {
                senders.add(send(model, i));
            }
            mayRun.release(3);
            senders.forEach(RecordingSender::await);
        }
        for (int i = 0; i < senders.size(); i++) {
            assertThat(first(senders.get(i).response().outputs().getFirst())).isEqualTo(i);
            senders.get(i).close();
        }

        assertThat(gated.batchSizes()).containsExactly(1, 8, 4);
    }

    @Test
    void givesManyCallersBatchesOfMoreThanOne() throws InterruptedException {
        FakeBackendModel engine = new FakeBackendModel(ModelContractTest::echo);
        int callers = 64;
        CountDownLatch begin = new CountDownLatch(1);
        try (Model model = open("dynamic_batching { }", engine, 1)) {
            List<Thread> threads = new ArrayList<>();
            for (int c = 0; c < callers; c++) {
                threads.add(Thread.ofVirtual().start(() -> askInTurn(model, begin, 20)));
            }
            begin.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
        }

        assertThat(engine.batchSizes().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(callers * 20);
        assertThat(engine.batchSizes()).anyMatch(size -> size > 1).allMatch(size -> size <= 8);
    }

    private void askInTurn(Model model, CountDownLatch begin, int requests) {
        try {
            begin.await();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts callers", e);
        }
        for (int i = 0; i < requests; i++) {
            try (RecordingSender sender = send(model, i).await()) {
                assertThat(first(sender.response().outputs().getFirst())).isEqualTo(i);
            }
        }
    }

    @Test
    void holdsRequestBackNoLongerThanItsDelay() {
        String scheduling =
                "dynamic_batching { preferred_batch_size: [ 4 ] max_queue_delay_microseconds: 2000 }";
        FakeBackendModel engine = new FakeBackendModel(ModelContractTest::echo);
        try (Model model = open(scheduling, engine, 3);
                RecordingSender sender = send(model, 1)) {
            assertThat(first(sender.await().response().outputs().getFirst())).isEqualTo(1);
        }
        assertThat(engine.batchSizes()).containsExactly(1);
    }

    @Test
    void doesNotWaitForTheDelayWhenItCloses() {
        String scheduling = "dynamic_batching { max_queue_delay_microseconds: 3600000000 }";
        FakeBackendModel engine = new FakeBackendModel(ModelContractTest::echo);
        Model model = open(scheduling, engine, 2);
        try (RecordingSender early = send(model, 1);
                RecordingSender late = send(model, 2)) {
            model.close();

            assertThat(early.ends()).isEqualTo(1);
            assertThat(late.ends()).isEqualTo(1);
        }
        assertThat(engine.batchSizes()).containsExactly(2);
    }

    @Test
    void refusesRequestsBeyondTheQueueSize() {
        String scheduling = "dynamic_batching { default_queue_policy { max_queue_size: 1 } }";
        try (Model model = open(scheduling, gated, 1);
                RecordingSender running = send(model, 1)) {
            started.acquireUninterruptibly();
            try (RecordingSender waiting = send(model, 2);
                    RecordingSender refused = send(model, 3)) {
                StatusException failure = refused.failure();
                assertThat(failure.code()).isEqualTo(StatusCode.UNAVAILABLE);
                assertThat(failure.text())
                        .isEqualTo("[request id: id 3.0] Exceeds maximum queue size");
                mayRun.release(2);
                assertThat(first(waiting.await().response().outputs().getFirst())).isEqualTo(2);
                running.await();
            }
        }
    }

    @Test
    void dropsRequestThatIsCancelledWhileItWaits() {
        try (Model model = open("dynamic_batching { }", gated, 1);
                RecordingSender running = send(model, 1);
                RecordingSender cancelled = new RecordingSender()) {
            started.acquireUninterruptibly();
            InferenceRequest request = request(model, 2, "OUT");
            model.infer(request, cancelled);
            request.cancel();

            assertThat(cancelled.failure().code()).isEqualTo(StatusCode.CANCELLED);
            assertThat(running.hasEnded()).isFalse();
            mayRun.release();
            running.await();
        }
        assertThat(gated.batchSizes()).containsExactly(1);
    }

    @Test
    void preservesOrderAcrossInstances() {
        Semaphore slow = new Semaphore(0);
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    boolean first = first(input(batch)) == 0;
                    started.release();
                    if (first) {
                        slow.acquireUninterruptibly();
                    }
                    echo(batch);
                });
        List<String> order = new CopyOnWriteArrayList<>();
        CountDownLatch ended = new CountDownLatch(3);
        String scheduling =
                "dynamic_batching { preserve_ordering: true preferred_batch_size: [ 1 ] }";
        try (Model model = open(scheduling, engine, 2)) {
            model.infer(request(model, 0, "OUT"), noting(order, ended));
            started.acquireUninterruptibly();
            model.infer(request(model, -1, "OUT"), noting(order, ended));
            started.acquireUninterruptibly();
            model.infer(request(model, 2, "OUT"), noting(order, ended));
            started.acquireUninterruptibly();
            assertThat(order).isEmpty();
            slow.release();
        }

        assertThat(ended.getCount()).isZero();
        assertThat(order).containsExactly("id 0.0", NEGATIVE, "id 2.0");
    }

    @Test
    void answersEveryRequestOnceThoughManyAreCancelledAtAnyMoment() throws InterruptedException {
        String scheduling =
                "dynamic_batching { preserve_ordering: true"
                        + " default_queue_policy { max_queue_size: 16 } }";
        FakeBackendModel engine = new FakeBackendModel(ModelContractTest::echo);
        int callers = 4;
        int requests = 500;
        RecordingSender[][] senders = new RecordingSender[callers][requests];
        try (Model model = open(scheduling, engine, 2)) {
            List<Thread> threads = new ArrayList<>();
            for (RecordingSender[] own : senders) {
                threads.add(Thread.ofPlatform().start(() -> askAndCancel(model, own)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            // No place was lost: as many as ever find room.
            for (int i = 0; i < 16; i++) {
                try (RecordingSender sender = send(model, i).await()) {
                    assertThat(first(sender.response().outputs().getFirst())).isEqualTo(i);
                }
            }
        }
        int refused = 0;
        int cancelled = 0;
        for (RecordingSender[] own : senders) {
            for (RecordingSender sender : own) {
                assertThat(sender.ends()).isEqualTo(1);
                if (sender.responses().isEmpty()) {
                    boolean full = sender.failure().code() == StatusCode.UNAVAILABLE;
                    refused += full ? 1 : 0;
                    cancelled += full ? 0 : 1;
                }
                sender.close();
            }
        }
        assertThat(told.failures()).hasSize(cancelled).containsOnly(FailureReason.CANCELED);
        assertThat(told.executions().stream().mapToInt(each -> each.requests().size()).sum())
                .isEqualTo(callers * requests + 16 - refused - cancelled);
    }

    /** Every second request is cancelled while others are put in. */
    private void askAndCancel(Model model, RecordingSender[] senders) {
        InferenceRequest before = request(model, 0, "OUT");
        before.close();
        for (int i = 0; i < senders.length; i++) {
            senders[i] = new RecordingSender();
            InferenceRequest request = request(model, i, "OUT");
            model.infer(request, senders[i]);
            if (i % 2 == 0) {
                request.cancel();
            } else {
                before.cancel();
            }
            before = request;
        }
        for (RecordingSender sender : senders) {
            sender.await();
        }
    }

    private static Tensor input(Batch batch) {
        return batch.request(0).input("IN").orElseThrow();
    }

    private static ResponseSender noting(List<String> order, CountDownLatch ended) {
        return new ResponseSender() {
            @Override
            public void send(InferenceResponse response, boolean last) {
                order.add(response.id());
                response.close();
                ended.countDown();
            }

            @Override
            public void complete() {
                throw new AssertionError("not decoupled");
            }

            @Override
            public void fail(StatusException status) {
                order.add(status.text());
                ended.countDown();
            }
        };
    }

    private RecordingSender send(Model model, float value) {
        RecordingSender sender = new RecordingSender();
        model.infer(request(model, value, "OUT"), sender);
        return sender;
    }
}
