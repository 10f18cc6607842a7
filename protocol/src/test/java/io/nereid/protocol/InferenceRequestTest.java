package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InferenceRequestTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final InferenceRequest request = new InferenceRequest("m", OptionalLong.of(3));

    @Test
    void goesThroughItsStatesInOrder() {
        assertThat(request.state()).isEqualTo(InferenceRequest.State.INITIALIZED);
        request.enqueued(42);
        assertThat(request.state()).isEqualTo(InferenceRequest.State.PENDING);
        assertThat(request.arrivalNanos()).isEqualTo(42);
        request.executing();
        assertThat(request.state()).isEqualTo(InferenceRequest.State.EXECUTING);
        request.close();
        assertThat(request.state()).isEqualTo(InferenceRequest.State.RELEASED);
    }

    @Test
    void refusesSkippedAndRepeatedStates() {
        assertThatIllegalStateException()
                .isThrownBy(request::executing)
                .withMessage("request for 'm' is INITIALIZED, expected PENDING");
        request.enqueued(0);
        assertThatIllegalStateException().isThrownBy(() -> request.enqueued(1));
        request.close();
        assertThatIllegalStateException().isThrownBy(request::executing);
        assertThatIllegalStateException()
                .isThrownBy(request::close)
                .withMessage("request for 'm' closed twice");
    }

    @Test
    void isFilledOnlyBeforeItIsEnqueued() {
        request.enqueued(0);

        assertThatIllegalStateException().isThrownBy(() -> request.setId("a"));
        assertThatIllegalStateException().isThrownBy(() -> request.addRequestedOutput("o"));
        assertThatIllegalStateException()
                .isThrownBy(() -> request.setParameter("k", new Parameter.BoolValue(true)));
        assertThatIllegalStateException()
                .isThrownBy(() -> request.setCorrelationId(CorrelationId.NONE));
        assertThatIllegalStateException().isThrownBy(() -> request.setSequenceStart(true));
        assertThatIllegalStateException().isThrownBy(() -> request.setSequenceEnd(true));
        assertThatIllegalStateException().isThrownBy(() -> request.setPriority(1));
        assertThatIllegalStateException().isThrownBy(() -> request.setTimeoutMicros(1));
        Tensor late = allocator.fp32("X", Shape.of(1), 1);
        assertThatIllegalStateException().isThrownBy(() -> request.addInput(late));
        assertThat(allocator.openBlocks()).isZero();
    }

    @Test
    void takesWhatTheServerSuppliesInPlaceOfWhatWasThere() {
        request.addInput(allocator.int32("x", Shape.of(1), 1));
        request.enqueued(5);
        request.supply(allocator.int32("state", Shape.of(1), 2));
        request.supply(allocator.int32("state", Shape.of(1), 3));

        assertThat(request.inputs()).extracting(Tensor::name).containsExactly("x", "state");
        assertThat(
                        request.input("state")
                                .orElseThrow()
                                .buffer()
                                .segment()
                                .get(ValueLayout.JAVA_INT, 0))
                .isEqualTo(3);
        request.executing();
        Tensor late = allocator.int32("late", Shape.of(1), 4);
        assertThatIllegalStateException().isThrownBy(() -> request.supply(late));
        request.close();
    }

    @Test
    void goesBackIntoTheQueueWithoutWhatWasSupplied() {
        request.addInput(allocator.int32("x", Shape.of(1), 1));
        request.setSequenceStart(true);
        request.setSequenceEnd(true);
        request.enqueued(5);
        request.supply(allocator.int32("state", Shape.of(1), 2));
        request.executing();
        request.rescheduled();

        assertThat(request.state()).isEqualTo(InferenceRequest.State.PENDING);
        assertThat(request.inputs()).extracting(Tensor::name).containsExactly("x");
        assertThat(request.sequenceStart()).isFalse();
        assertThat(request.sequenceEnd()).isFalse();
        assertThat(request.arrivalNanos()).isEqualTo(5);
        request.close();
    }

    @Test
    void makesPaddingOfItsForm() {
        request.addInput(allocator.int32("x", Shape.of(1), 1));
        request.enqueued(5);
        List<Tensor> zeros = List.of(allocator.int32("x", Shape.of(1), 0));
        try (InferenceRequest padding = request.padding(zeros, 9)) {
            assertThat(padding.modelName()).isEqualTo(request.modelName());
            assertThat(padding.inputs()).containsExactlyElementsOf(zeros);
            assertThat(padding.requestedOutputs()).isEmpty();
            assertThat(padding.arrivalNanos()).isEqualTo(9);
        }
        request.close();
    }

    @Test
    void closesInputsOnce() {
        request.addInput(allocator.fp32("A", Shape.of(1), 1));
        request.addInput(allocator.fp32("B", Shape.of(1), 2));
        assertThat(request.inputs()).extracting(Tensor::name).containsExactly("A", "B");

        request.close();

        assertThat(request.inputs()).isEmpty();
        assertThat(allocator.openBlocks()).isZero();
    }

    @Test
    void refusesASecondInputOfTheSameNameAndClosesIt() {
        request.setId("a1");
        request.addInput(allocator.fp32("A", Shape.of(1), 1));

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> request.addInput(allocator.fp32("A", Shape.of(1), 2)))
                .withMessage("[request id: a1] input 'A' already exists in request")
                .extracting(StatusException::code)
                .isEqualTo(StatusCode.INVALID_ARG);

        assertThat(allocator.openBlocks()).isEqualTo(1);
        request.close();
    }

    @Test
    void refusesASecondOutputOfTheSameName() {
        request.addRequestedOutput("O");

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> request.addRequestedOutput("O"))
                .withMessage("[request id: <id_unknown>] output 'O' already exists in request")
                .extracting(StatusException::code)
                .isEqualTo(StatusCode.INVALID_ARG);
    }

    @Test
    void keepsWhatTheClientSaid() {
        request.setId("7");
        request.setCorrelationId(new CorrelationId.TextId("s"));
        request.setSequenceStart(true);
        request.setSequenceEnd(true);
        request.setPriority(-1);
        request.setTimeoutMicros(5);
        request.setParameter("k", new Parameter.DoubleValue(1.5));
        request.addRequestedOutput("B");
        request.addRequestedOutput("A");

        assertThat(request.modelName()).isEqualTo("m");
        assertThat(request.requestedVersion()).hasValue(3);
        assertThat(request.idPrefix()).isEqualTo("[request id: 7] ");
        assertThat(request.correlationId()).isEqualTo(new CorrelationId.TextId("s"));
        assertThat(request.sequenceStart()).isTrue();
        assertThat(request.sequenceEnd()).isTrue();
        assertThat(request.priority()).isEqualTo(-1);
        assertThat(request.timeoutMicros()).isEqualTo(5);
        assertThat(request.parameters()).containsEntry("k", new Parameter.DoubleValue(1.5));
        assertThat(request.requestedOutputs()).containsExactly("B", "A");
    }

    @Test
    void tellsListenersOnceThatItWasCancelled() {
        List<String> told = new ArrayList<>();
        request.onCancel(() -> told.add("first"));
        request.onCancel(() -> told.add("second"));
        assertThat(request.isCancelled()).isFalse();

        request.cancel();
        request.cancel();

        assertThat(request.isCancelled()).isTrue();
        assertThat(told).containsExactly("first", "second");
    }

    @Test
    void tellsALateListenerAtOnce() {
        List<String> told = new ArrayList<>();
        request.cancel();

        request.onCancel(() -> told.add("late"));

        assertThat(told).containsExactly("late");
    }

    @Test
    void mayBeCancelledAfterItWasReleased() {
        request.close();
        request.cancel();

        assertThat(request.isCancelled()).isTrue();
    }

    @Test
    void tellsEachListenerOnceWhenCancelledFromSeveralThreads() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            InferenceRequest raced = new InferenceRequest("m", OptionalLong.empty());
            AtomicInteger told = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(1);
            try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
                threads.execute(() -> afterStart(start, raced::cancel));
                threads.execute(() -> afterStart(start, raced::cancel));
                threads.execute(
                        () -> afterStart(start, () -> raced.onCancel(told::incrementAndGet)));
                start.countDown();
            }
            assertThat(told).hasValue(1);
        }
    }

    private static void afterStart(CountDownLatch start, Runnable action) {
        try {
            start.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        action.run();
    }
}
