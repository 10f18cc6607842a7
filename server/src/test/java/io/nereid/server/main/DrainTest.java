package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.server.FakeModel;
import io.nereid.server.netty.ServerFixture;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Stopping waits for requests even when no connection is left that they came by. */
final class DrainTest {
    private static final int LONG_SECONDS = 60;

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    @BeforeEach
    void addModel() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("m", 0, 1), 1));
        fixture.server().initialized();
    }

    private Drain drain() {
        return new Drain(
                fixture.server(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Asks the model; {@code whileAnswering} runs when the answer is there but not taken yet. */
    private void ask(Runnable whileAnswering) {
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.addInput(
                new Tensor("X0", DataType.INT32, Shape.of(16), fixture.allocator().allocate(64)));
        fixture.server()
                .infer(
                        fixture.server().lease("m", OptionalLong.empty()),
                        request,
                        new ResponseSender() {
                            @Override
                            public void send(@Owned InferenceResponse response, boolean last) {
                                response.close();
                                whileAnswering.run();
                            }

                            @Override
                            public void complete() {
                                throw new AssertionError("a request without an answer");
                            }

                            @Override
                            public void fail(StatusException status) {
                                throw status;
                            }
                        });
    }

    @Test
    void waitsForARequestThatIsBeingAnswered() throws Exception {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        ask(() -> {
            Thread draining =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    drain().await(LONG_SECONDS);
                                    drained.complete(null);
                                } catch (StatusException e) {
                                    drained.completeExceptionally(e);
                                }
                            });
            while (draining.getState() != Thread.State.TIMED_WAITING && !drained.isDone()) {
                Thread.onSpinWait();
            }
            assertThat(drained).isNotDone();
        });
        drained.get(LONG_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void givesUpWhenItsTimeIsOver() {
        ask(() ->
                assertThatThrownBy(() -> drain().await(0))
                        .isInstanceOf(StatusException.class)
                        .hasMessageContaining("Exit timeout expired. Exiting immediately."));
    }
}
