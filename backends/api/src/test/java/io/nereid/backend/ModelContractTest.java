package io.nereid.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What every {@link Model} keeps: one end for each request, ownership, refusal after close. An
 * implementation extends this class and opens itself over an engine that {@link #echo} describes.
 */
public abstract class ModelContractTest {
    private static final Shape SHAPE = Shape.of(1, 2);
    private static final String STOPPING =
            "Server is stopping, scheduler for model has stopped accepting new inference requests";

    /** Text of the failure for negative numbers. */
    protected static final String NEGATIVE = "no negative numbers";

    /** Memory of the test; anything open at its end is a leak. */
    @RegisterExtension protected final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    /**
     * A model with input {@code IN} and outputs {@code OUT} and {@code COPY}, FP32 {@code [batch,
     * 2]}, that answers as {@link #echo} does.
     */
    protected abstract Model open();

    /** What the errors of the model begin with. */
    protected String errorPrefix() {
        return "";
    }

    /** What the refusal of the request with id {@code id 1.0} begins with once it is closed. */
    protected String refusalPrefix() {
        return "[request id: id 1.0] ";
    }

    /** Answers with the input under the names asked for; fails if its first number is negative. */
    public static void echo(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Tensor input = batch.request(i).input("IN").orElseThrow();
            if (first(input) < 0) {
                batch.fail(i, new StatusException(StatusCode.INTERNAL, NEGATIVE));
                continue;
            }
            List<Tensor> outputs = new ArrayList<>();
            for (String name : batch.request(i).requestedOutputs()) {
                outputs.add(input.retain().withName(name));
            }
            batch.respond(i, outputs, Map.of(), true);
        }
    }

    @Test
    void answersWithTheDataAndNamesOfItsRequest() {
        try (Model model = open();
                RecordingSender sender = new RecordingSender()) {
            InferenceRequest request = request(model, 7, "OUT", "COPY");
            model.infer(request, sender);

            InferenceResponse response = sender.await().response();
            assertThat(sender.ends()).isEqualTo(1);
            assertThat(response.id()).isEqualTo("id 7.0");
            assertThat(response.modelName()).isEqualTo(model.config().name());
            assertThat(response.modelVersion()).isEqualTo(model.version());
            assertThat(response.outputs())
                    .extracting(Tensor::name)
                    .containsExactlyInAnyOrder("OUT", "COPY");
            for (Tensor output : response.outputs()) {
                assertThat(output.shape()).isEqualTo(SHAPE);
                assertThat(first(output)).isEqualTo(7);
            }
        }
    }

    @Test
    void leavesOutOutputsThatWereNotAskedFor() {
        try (Model model = open();
                RecordingSender sender = new RecordingSender()) {
            model.infer(request(model, 1, "COPY"), sender);

            assertThat(sender.await().response().outputs())
                    .extracting(Tensor::name)
                    .containsExactly("COPY");
        }
    }

    @Test
    void passesTheErrorOfTheEngineOn() {
        try (Model model = open();
                RecordingSender sender = new RecordingSender()) {
            model.infer(request(model, -1, "OUT"), sender);

            StatusException failure = sender.await().failure();
            assertThat(sender.ends()).isEqualTo(1);
            assertThat(failure.code()).isEqualTo(StatusCode.INTERNAL);
            assertThat(failure.text()).isEqualTo(errorPrefix() + NEGATIVE);
        }
    }

    @Test
    void dropsRequestThatWasCancelledBefore() {
        try (Model model = open();
                RecordingSender sender = new RecordingSender()) {
            InferenceRequest request = request(model, 1, "OUT");
            request.cancel();
            model.infer(request, sender);

            StatusException failure = sender.await().failure();
            assertThat(failure.code()).isEqualTo(StatusCode.CANCELLED);
            assertThat(failure.text()).isEmpty();
        }
    }

    @Test
    void refusesRequestsAfterClose() {
        try (RecordingSender sender = new RecordingSender()) {
            Model model = open();
            model.close();
            InferenceRequest request = request(model, 1, "OUT");
            model.infer(request, sender);

            StatusException failure = sender.await().failure();
            assertThat(failure.code()).isEqualTo(StatusCode.UNAVAILABLE);
            assertThat(failure.text()).isEqualTo(refusalPrefix() + STOPPING);
            assertThat(request.state()).isEqualTo(InferenceRequest.State.RELEASED);
        }
    }

    @Test
    void answersWhatItAcceptedBeforeCloseReturns() {
        List<RecordingSender> senders = new ArrayList<>();
        try (Model model = open()) {
            for (int i = 0; i < 100; i++) {
                RecordingSender sender = new RecordingSender();
                senders.add(sender);
                model.infer(request(model, i, "OUT"), sender);
            }
        }
        for (int i = 0; i < senders.size(); i++) {
            assertThat(senders.get(i).ends()).isEqualTo(1);
            assertThat(first(senders.get(i).response().outputs().getFirst())).isEqualTo(i);
            senders.get(i).close();
        }
    }

    @Test
    void answersEveryOneOfManyCallersAtATime() throws InterruptedException {
        int callers = 8;
        int requests = 50;
        RecordingSender[][] senders = new RecordingSender[callers][requests];
        CountDownLatch begin = new CountDownLatch(1);
        try (Model model = open()) {
            List<Thread> threads = new ArrayList<>();
            for (RecordingSender[] own : senders) {
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    awaitUninterruptibly(begin);
                                    sendAll(model, own);
                                }));
            }
            begin.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            for (RecordingSender[] own : senders) {
                requireOwnAnswers(own);
            }
        }
    }

    private void sendAll(Model model, RecordingSender[] senders) {
        for (int i = 0; i < senders.length; i++) {
            senders[i] = new RecordingSender();
            model.infer(request(model, i % 5 == 4 ? -1 : i, "OUT"), senders[i]);
        }
    }

    private void requireOwnAnswers(RecordingSender[] senders) {
        for (int i = 0; i < senders.length; i++) {
            try (RecordingSender sender = senders[i].await()) {
                assertThat(sender.ends()).isEqualTo(1);
                if (i % 5 == 4) {
                    assertThat(sender.failure().text()).isEqualTo(errorPrefix() + NEGATIVE);
                } else {
                    assertThat(first(sender.response().outputs().getFirst())).isEqualTo(i);
                }
            }
        }
    }

    /** A validated request whose first number is {@code value}. */
    protected final InferenceRequest request(Model model, float value, String... outputs) {
        InferenceRequest request =
                new InferenceRequest(model.config().name(), OptionalLong.empty());
        request.setId("id " + value);
        request.addInput(allocator.fp32("IN", SHAPE, value, 0));
        for (String output : outputs) {
            request.addRequestedOutput(output);
        }
        model.config().validator().validate(request);
        return request;
    }

    /** First number of an FP32 tensor. */
    protected static float first(Tensor tensor) {
        return tensor.buffer().segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts callers", e);
        }
    }
}
