package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nereid.backend.RunningBatch;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelReadyRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerReadyRequest;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.AdmissionLimits;
import io.nereid.server.TestOptions;
import io.nereid.server.grpc.HeldRequests.Held;
import io.nereid.server.health.StuckInstance;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A server that may have one request in flight. That each of them gives its place back is checked
 * after each test.
 */
class GrpcOverloadTest {
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
    private static final String OVERLOADED =
            "server is overloaded: the 1 requests of --max-inflight-requests are in flight";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final HeldRequests held = new HeldRequests();
    private RunningFrontend running;
    private GRPCInferenceServiceBlockingStub stub;

    @BeforeEach
    void start() {
        running =
                new RunningFrontend(
                        allocator, TestOptions.grpc(0), new AdmissionLimits(64 << 20, 1, true));
        running.addModel(GrpcModels.identity("slow", DataType.TYPE_UINT8), held);
        running.addIdentity(GrpcModels.identity("quick", DataType.TYPE_UINT8));
        stub = GRPCInferenceServiceGrpc.newBlockingStub(running.channel);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.stop();
    }

    private static ModelInferRequest to(String model) {
        return GrpcModels.question(model, ByteString.copyFromUtf8("data")).toBuilder()
                .setId("7")
                .build();
    }

    private ListenableFuture<ModelInferResponse> ask(String model) {
        return GRPCInferenceServiceGrpc.newFutureStub(running.channel).modelInfer(to(model));
    }

    private StatusRuntimeException refusal() {
        return catchThrowableOfType(
                StatusRuntimeException.class, () -> stub.modelInfer(to("quick")));
    }

    @Test
    void refusesACallWithTheTimeToWait() throws Exception {
        ListenableFuture<ModelInferResponse> first = ask("slow");
        Held occupying = held.next();

        StatusRuntimeException refused = refusal();

        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.getStatus().getDescription()).isEqualTo(OVERLOADED);
        assertThat(Optional.ofNullable(refused.getTrailers()).map(all -> all.get(PUSHBACK)))
                .contains("1000");
        occupying.answer();
        assertThat(first.get(30, TimeUnit.SECONDS).getId()).isEqualTo("7");
        assertThat(stub.modelInfer(to("quick")).getModelName()).isEqualTo("quick");
    }

    @Test
    void refusesARequestOfAStreamInItsPlace() throws Exception {
        ListenableFuture<ModelInferResponse> first = ask("slow");
        Held occupying = held.next();
        StreamClient stream = StreamClient.open(running.channel);

        stream.send(to("quick"));

        assertThat(stream.next().getErrorMessage()).isEqualTo(OVERLOADED);
        occupying.answer();
        first.get(30, TimeUnit.SECONDS);
        stream.send(to("quick"));
        assertThat(stream.next().getInferResponse().getModelName()).isEqualTo("quick");
        stream.halfClose();
        stream.assertEndsWithoutMore();
    }

    @Test
    void answersWhatIsNoRequestToAModel() throws Exception {
        ListenableFuture<ModelInferResponse> first = ask("slow");
        Held occupying = held.next();

        assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
        assertThat(
                        stub.modelMetadata(
                                        ModelMetadataRequest.newBuilder().setName("quick").build())
                                .getName())
                .isEqualTo("quick");

        occupying.answer();
        first.get(30, TimeUnit.SECONDS);
    }

    @Test
    void tellsAFullQueueTheSameWay() throws Exception {
        ListenableFuture<ModelInferResponse> first = ask("slow");
        Held refused = held.next();
        refused.request().close();
        refused.sender().fail(StatusException.overloaded("Exceeds maximum queue size"));

        assertThat(first)
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .havingCause()
                .withMessage("RESOURCE_EXHAUSTED: Exceeds maximum queue size");
    }

    @Test
    void servesAClientThatAsksAgainAtOnce() {
        for (int i = 0; i < 200; i++) {
            assertThat(stub.modelInfer(to("quick")).getModelName()).isEqualTo("quick");
        }
    }

    @Test
    void givesThePlaceOfACallThatNamesNoModelToOthers() {
        for (int i = 0; i < 3; i++) {
            assertThat(
                            catchThrowableOfType(
                                            StatusRuntimeException.class,
                                            () -> stub.modelInfer(to("none")))
                                    .getStatus()
                                    .getCode())
                    .isEqualTo(Status.Code.NOT_FOUND);
        }
        assertThat(stub.modelInfer(to("quick")).getModelName()).isEqualTo("quick");
    }

    @Test
    void endsWhatStillWaitsAtTheDeadlineOfTheCall() throws Exception {
        ListenableFuture<ModelInferResponse> late =
                GRPCInferenceServiceGrpc.newFutureStub(running.channel)
                        .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                        .modelInfer(to("slow"));
        Held waiting = held.next();

        waiting.awaitCancelled();

        assertThat(waiting.request().cancellation())
                .map(StatusException::code)
                .contains(StatusCode.DEADLINE_EXCEEDED);
        waiting.request().close();
        waiting.sender().fail(waiting.request().cancellation().orElseThrow());
        assertThat(late)
                .failsWithin(30, TimeUnit.SECONDS)
                .withThrowableThat()
                .havingCause()
                .withMessageStartingWith("DEADLINE_EXCEEDED");
    }

    @Test
    void isNotReadyWhileAnInstanceHangs() {
        running.stuck.set(
                List.of(
                        new StuckInstance(
                                "quick",
                                1,
                                new RunningBatch("quick_0", 0, Thread.currentThread()),
                                77)));

        assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isFalse();
        assertThat(isReady("quick")).isFalse();
        assertThat(isReady("slow")).isTrue();
    }

    private boolean isReady(String model) {
        return stub.modelReady(ModelReadyRequest.newBuilder().setName(model).build()).getReady();
    }
}
