package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.server.FakeModel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** A model that holds requests until the test says what becomes of them, on the test's thread. */
final class HeldRequests implements BiConsumer<InferenceRequest, ResponseSender> {
    private final BlockingQueue<Held> held = new LinkedBlockingQueue<>();

    @Override
    public void accept(InferenceRequest request, ResponseSender sender) {
        CountDownLatch cancelled = new CountDownLatch(1);
        request.onCancel(cancelled::countDown);
        held.add(new Held(request, sender, cancelled));
    }

    /** The next request that came. */
    Held next() throws InterruptedException {
        Held next = held.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("request").isNotNull();
        return next;
    }

    /** A request that waits for its answer. */
    record Held(InferenceRequest request, ResponseSender sender, CountDownLatch cancelled) {
        /** Answers with the input; the request ends. */
        void answer() {
            sender.send(FakeModel.echoOf(request, 1), true);
        }

        /** Answers with the input once more; the request goes on. */
        void respond() {
            Tensor input = request.input("X").orElseThrow();
            sender.send(
                    new InferenceResponse(
                            request.id(),
                            request.modelName(),
                            1,
                            Map.of(),
                            List.of(input.retain().withName("Y"))),
                    false);
        }

        void complete() {
            request.close();
            sender.complete();
        }

        void fail(StatusCode code, String text) {
            request.close();
            sender.fail(new StatusException(code, text));
        }

        void awaitCancelled() throws InterruptedException {
            assertThat(cancelled.await(30, TimeUnit.SECONDS)).as("cancelled").isTrue();
        }
    }
}
