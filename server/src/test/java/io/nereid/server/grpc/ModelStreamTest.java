package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveRequest;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.FakeModel;
import io.nereid.server.ServerOptions;
import io.nereid.server.TestOptions;
import io.nereid.server.security.HeaderForwarding;
import io.nereid.server.security.RestrictedApis;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of streams, one by one (gRPC protocol sections 13 to 15). */
class ModelStreamTest {
    private static final String FINAL = "triton_final_response";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final HeldRequests single = new HeldRequests();
    private final HeldRequests decoupled = new HeldRequests();

    private RunningFrontend running;

    @BeforeEach
    void start() {
        start(
                TestOptions.grpc(
                        0,
                        RestrictedApis.NONE,
                        HeaderForwarding.NONE,
                        ServerOptions.Compression.NONE,
                        5));
    }

    private void start(ServerOptions.Grpc options) {
        running = new RunningFrontend(allocator, options);
        running.addIdentity(GrpcModels.identity("identity", DataType.TYPE_UINT8));
        running.addModel(GrpcModels.identity("single", DataType.TYPE_UINT8), single);
        running.addModel(GrpcModels.decoupled("decoupled", DataType.TYPE_UINT8), decoupled);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.stop();
    }

    // Order.

    @Test
    void runsRequestsConcurrentlyAndAnswersInTheirOrder() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel);
        client.send(ask("single", "1"), ask("single", "2"), ask("single", "3")).halfClose();
        HeldRequests.Held first = single.next();
        HeldRequests.Held second = single.next();

        single.next().answer();
        second.fail(StatusCode.INTERNAL, "broken");
        first.answer();

        assertThat(client.next().getInferResponse().getId()).isEqualTo("1");
        assertThat(client.next().getErrorMessage()).isEqualTo("broken");
        assertThat(client.next().getInferResponse().getId()).isEqualTo("3");
        client.assertEndsWithoutMore();
    }

    @Test
    void keepsTheOrderAlsoForRequestsThatNoModelWasAsked() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel);
        client.send(ask("single", "1"), ask("nosuch", "2"), ask("single", "3"));
        HeldRequests.Held first = single.next();

        single.next().answer();
        first.answer();

        assertThat(client.next().getInferResponse().getId()).isEqualTo("1");
        assertThat(client.next().getErrorMessage()).contains("'nosuch'");
        assertThat(client.next().getInferResponse().getId()).isEqualTo("3");
        client.halfClose().assertEndsWithoutMore();
    }

    @Test
    void letsRepliesOfDecoupledModelsOvertake() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel);
        client.send(ask("single", "s"), ask("decoupled", "a"), ask("decoupled", "b"));
        HeldRequests.Held held = single.next();
        HeldRequests.Held a = decoupled.next();
        HeldRequests.Held b = decoupled.next();

        b.respond();
        assertThat(client.next().getInferResponse().getId()).isEqualTo("b");
        a.respond();
        assertThat(client.next().getInferResponse().getId()).isEqualTo("a");
        b.answer();
        assertThat(client.next().getInferResponse().getId()).isEqualTo("b");
        a.answer();
        assertThat(client.next().getInferResponse().getId()).isEqualTo("a");
        held.answer();
        assertThat(client.next().getInferResponse().getId()).isEqualTo("s");
        client.halfClose().assertEndsWithoutMore();
    }

    @Test
    void keepsTheOrderOfResponsesToOneRequest() throws InterruptedException {
        int responses = 1000;
        running.addModel(
                GrpcModels.decoupled("counting", DataType.TYPE_UINT8),
                (request, sender) ->
                        running.instance.execute(() -> {
                            request.close();
                            for (int i = 0; i < responses; i++) {
                                sender.send(empty(Integer.toString(i)), false);
                            }
                            sender.complete();
                        }));
        StreamClient client = StreamClient.open(running.channel);
        client.send(ask("counting", "c")).halfClose();

        for (int i = 0; i < responses; i++) {
            assertThat(client.next().getInferResponse().getId()).isEqualTo(Integer.toString(i));
        }
        client.assertEndsWithoutMore();
    }

    private static InferenceResponse empty(String id) {
        return new InferenceResponse(id, "model", 1, Map.of(), List.of());
    }

    // Replies.

    @Test
    void carriesBytesOfAnyNumber() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel);
        for (int size : new int[] {0, 1, 127, 128, 70_000, 5_000_000}) {
            byte[] bytes = new byte[size];
            new Random(size).nextBytes(bytes);

            client.send(ask("identity", "i", bytes));

            ModelInferResponse reply = client.next().getInferResponse();
            assertThat(reply.getRawOutputContents(0).toByteArray()).isEqualTo(bytes);
            assertThat(reply.getModelName()).isEqualTo("identity");
            assertThat(reply.getModelVersion()).isEqualTo("1");
            assertThat(reply.getId()).isEqualTo("i");
        }
        client.halfClose().assertEndsWithoutMore();
    }

    @Test
    void saysThatTheOnlyResponseIsTheLast() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel).send(ask("identity", "i"));

        ModelStreamInferResponse reply = client.next();

        assertThat(reply.getErrorMessage()).isEmpty();
        assertThat(isFinal(reply)).isTrue();
    }

    @Test
    void saysWhichResponseCameWithTheEnd() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel).send(ask("decoupled", "d"));
        HeldRequests.Held held = decoupled.next();
        held.respond();
        held.answer();

        assertThat(isFinal(client.next())).isFalse();
        assertThat(isFinal(client.next())).isTrue();
        client.halfClose().assertEndsWithoutMore();
    }

    @Test
    void saysNothingOfAnEndWithoutResponse() throws InterruptedException {
        StreamClient client =
                StreamClient.open(running.channel)
                        .send(ask("decoupled", "d"), ask("decoupled", "none"))
                        .halfClose();
        HeldRequests.Held held = decoupled.next();
        held.respond();
        held.complete();
        decoupled.next().complete();

        assertThat(isFinal(client.next())).isFalse();
        client.assertEndsWithoutMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1"})
    void tellsOfAnEndWithoutResponseIfAsked(String version) throws InterruptedException {
        StreamClient client =
                StreamClient.open(running.channel)
                        .send(
                                withEmptyFinal(ask("decoupled", "d")).toBuilder()
                                        .setModelVersion(version)
                                        .build());
        decoupled.next().complete();

        assertThat(client.next())
                .isEqualTo(
                        ModelStreamInferResponse.newBuilder()
                                .setInferResponse(
                                        ModelInferResponse.newBuilder()
                                                .setId("d")
                                                .setModelName("decoupled")
                                                .setModelVersion(version)
                                                .putParameters(FINAL, bool(true)))
                                .build());
        client.halfClose().assertEndsWithoutMore();
    }

    @Test
    void tellsOfNoEmptyEndIfAResponseCameWithIt() throws InterruptedException {
        StreamClient client =
                StreamClient.open(running.channel)
                        .send(withEmptyFinal(ask("decoupled", "d")))
                        .halfClose();
        decoupled.next().answer();

        assertThat(isFinal(client.next())).isTrue();
        client.assertEndsWithoutMore();
    }

    @Test
    void reportsClasses() throws InterruptedException {
        running.addIdentity(GrpcModels.identity("scores", DataType.TYPE_UINT8));
        running.catalog.label("Y", 1, "one");
        StreamClient client = StreamClient.open(running.channel);
        client.send(
                ask("scores", "c", new byte[] {3, 9}).toBuilder()
                        .addOutputs(
                                InferRequestedOutputTensor.newBuilder()
                                        .setName("Y")
                                        .putParameters(
                                                "classification",
                                                InferParameter.newBuilder()
                                                        .setInt64Param(1)
                                                        .build()))
                        .build());

        assertThat(client.next().getInferResponse().getRawOutputContents(0).toStringUtf8())
                .endsWith("9:1:one");
    }

    @Test
    void wantsOneResponseOfModelsThatAreNotDecoupled() throws InterruptedException {
        StreamClient client =
                StreamClient.open(running.channel).send(ask("single", "0"), ask("single", "2"));
        single.next().complete();
        HeldRequests.Held second = single.next();
        second.respond();
        second.answer();

        assertThat(client.next().getErrorMessage()).isEqualTo("expected a single response, got 0");
        assertThat(client.next().getErrorMessage()).isEqualTo("expected a single response, got 2");
    }

    // Errors.

    @Test
    void answersWithTheIdAloneIfNoModelWasAsked() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel);

        assertRefused(
                client,
                ask("nosuch", "unknown"),
                "Request for unknown model: 'nosuch' is not found");
        assertRefused(
                client,
                ask("identity", "version").toBuilder().setModelVersion("-1").build(),
                "invalid model version specified '-1' , version should be an integral value > 0");
        assertRefused(
                client,
                ask("identity", "parameter").toBuilder()
                        .putParameters(
                                "priority", InferParameter.newBuilder().setBoolParam(true).build())
                        .build(),
                "invalid value type for 'priority' parameter, expected int64_param or"
                        + " uint64_param.");
        assertRefused(
                client,
                ask("identity", "contents").toBuilder().clearRawInputContents().build(),
                "unable to find data for input tensor 'X' for model 'identity' in request.");
        assertRefused(
                client,
                ask("decoupled", "validation").toBuilder().clearInputs().build(),
                "[request id: validation] expected 1 inputs but got 0 inputs for model"
                        + " 'decoupled'. Got input(s) [], but missing required input(s) ['X']. Please"
                        + " provide all required input(s).");

        client.send(ask("identity", "fine"));
        assertThat(client.next().getErrorMessage()).isEmpty();
    }

    @Test
    void answersWithTheIdAloneIfTheQueueIsFull() throws InterruptedException {
        running.addModel(
                GrpcModels.decoupled("full", DataType.TYPE_UINT8),
                (request, sender) ->
                        new HeldRequests.Held(request, sender, new CountDownLatch(1))
                                .fail(StatusCode.UNAVAILABLE, "Exceeds maximum queue size"));

        assertRefused(
                StreamClient.open(running.channel), ask("full", "f"), "Exceeds maximum queue size");
    }

    @Test
    void answersWithTheIdAloneWhileTheServerStops() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel).send(ask("single", "before"));
        HeldRequests.Held held = single.next();
        running.frontend.refuseInStreams();
        client.send(ask("identity", "late"));

        held.answer();

        assertThat(client.next().getInferResponse().getId()).isEqualTo("before");
        ModelStreamInferResponse late = client.next();
        assertThat(late.getErrorMessage())
                .isEqualTo("GRPC server is shutting down and has stopped accepting new requests.");
        assertThat(late.getInferResponse())
                .isEqualTo(ModelInferResponse.newBuilder().setId("late").build());
    }

    @Test
    void repeatsTheRequestIfTheModelFailed() throws InterruptedException {
        StreamClient client =
                StreamClient.open(running.channel)
                        .send(
                                ask("single", "s"),
                                ask("decoupled", "d").toBuilder().setModelVersion("1").build());
        single.next().fail(StatusCode.INTERNAL, "no luck");
        assertThat(client.next()).isEqualTo(failed("no luck", "s", "single", ""));

        HeldRequests.Held held = decoupled.next();
        held.respond();
        held.fail(StatusCode.INVALID_ARG, "no more");
        assertThat(isFinal(client.next())).isFalse();
        assertThat(client.next()).isEqualTo(failed("no more", "d", "decoupled", "1"));
        client.halfClose().assertEndsWithoutMore();
    }

    @Test
    void neverReportsAFailureWithoutText() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel).send(ask("single", "s"));
        single.next().fail(StatusCode.CANCELLED, "");

        assertThat(client.next()).isEqualTo(failed("Cancelled", "s", "single", ""));
    }

    @Test
    void endsWithTheFirstFailureOfAModelIfAsked() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel, grpcError("true"));
        client.send(
                ask("nosuch", "early"),
                ask("single", "1"),
                ask("single", "2"),
                ask("decoupled", "3"),
                ask("decoupled", "4"));
        HeldRequests.Held first = single.next();
        HeldRequests.Held second = single.next();
        HeldRequests.Held third = decoupled.next();
        HeldRequests.Held fourth = decoupled.next();
        assertThat(client.next().getErrorMessage()).contains("'nosuch'");
        second.answer();
        fourth.respond();
        assertThat(client.next().getInferResponse().getId()).isEqualTo("4");

        third.fail(StatusCode.NOT_FOUND, "nothing here");

        Status status = client.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(status.getDescription()).isEqualTo("nothing here");
        assertThat(client.hasReplies()).isFalse();
        first.awaitCancelled();
        fourth.awaitCancelled();
        first.answer();
        fourth.complete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"True", "1", "false", ""})
    void knowsOneWordForEndingWithTheFirstFailure(String value) throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel, grpcError(value));
        client.send(ask("single", "s"), ask("identity", "i"));
        single.next().fail(StatusCode.INTERNAL, "no luck");

        assertThat(client.next().getErrorMessage()).isEqualTo("no luck");
        assertThat(client.next().getInferResponse().getId()).isEqualTo("i");
    }

    // The end.

    @Test
    void endsWhenAllIsAnswered() throws InterruptedException {
        StreamClient client =
                StreamClient.open(running.channel)
                        .send(ask("single", "1"), ask("decoupled", "2"))
                        .halfClose();
        decoupled.next().complete();
        single.next().answer();

        assertThat(client.next().getInferResponse().getId()).isEqualTo("1");
        client.assertEndsWithoutMore();
    }

    @Test
    void endsAtOnceIfNothingWasAsked() throws InterruptedException {
        StreamClient.open(running.channel).halfClose().assertEndsWithoutMore();
    }

    @Test
    void cancelsAllRequestsIfTheClientCancels() throws InterruptedException {
        StreamClient client =
                StreamClient.open(running.channel)
                        .send(ask("single", "1"), ask("single", "2"), ask("decoupled", "3"));
        HeldRequests.Held first = single.next();
        HeldRequests.Held second = single.next();
        HeldRequests.Held third = decoupled.next();
        second.answer();
        third.respond();

        client.cancel();

        first.awaitCancelled();
        third.awaitCancelled();
        first.fail(StatusCode.CANCELLED, "");
        third.respond();
        third.complete();
        assertServes();
    }

    @Test
    void cancelsAllRequestsIfTheDeadlinePasses() throws InterruptedException {
        StreamClient client = StreamClient.withDeadline(running.channel, 300);
        client.send(ask("single", "1"));
        HeldRequests.Held held = single.next();

        held.awaitCancelled();

        assertThat(client.status().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        held.answer();
    }

    @Test
    void cancelsAllRequestsIfTheConnectionIsLost() throws InterruptedException {
        ManagedChannel other = running.anotherChannel();
        StreamClient.open(other).send(ask("single", "1"), ask("decoupled", "2")).halfClose();
        HeldRequests.Held first = single.next();
        HeldRequests.Held second = decoupled.next();

        other.shutdownNow();

        first.awaitCancelled();
        second.awaitCancelled();
        first.answer();
        second.answer();
        assertServes();
    }

    @Test
    void endsIdleStreamsWhenTheServerStops() throws InterruptedException {
        StreamClient idle = StreamClient.open(running.channel).send(ask("identity", "i"));
        assertThat(idle.next().getInferResponse().getId()).isEqualTo("i");
        long start = System.nanoTime();

        running.frontend.shutdown(Duration.ofSeconds(30));

        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(20));
        Status status = idle.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status.getDescription())
                .isEqualTo("GRPC server is shutting down and has stopped accepting new requests.");
    }

    @Test
    void answersWhatRunsBeforeTheServerStops() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel).send(ask("decoupled", "d"));
        HeldRequests.Held held = decoupled.next();
        Thread stopping =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                running.frontend.shutdown(Duration.ofSeconds(30));
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        held.respond();
        held.answer();

        assertThat(isFinal(client.next())).isFalse();
        assertThat(isFinal(client.next())).isTrue();
        assertThat(client.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(stopping.join(Duration.ofSeconds(30))).isTrue();
    }

    // Bad input and slow readers.

    @Test
    void refusesMessagesThatAreNoneAndGoesOn() throws InterruptedException {
        StreamClient raw = StreamClient.open(running.channel);
        byte[] bytes = ask("identity", "i").toByteArray();
        raw.sendBytes(Arrays.copyOf(bytes, bytes.length - 1)).sendBytes(bytes);

        assertThat(raw.next().getErrorMessage())
                .startsWith("failed to parse ModelInferRequest: message ends too early");
        assertThat(raw.next().getInferResponse().getId()).isEqualTo("i");
    }

    @Test
    void refusesMessagesForWhichThereIsNoRoomAndGoesOn() throws InterruptedException {
        StreamClient client = StreamClient.open(running.channel);
        running.admission.reserve(RunningFrontend.MAX_BYTES_IN_FLIGHT - 10);
        client.send(ask("identity", "i"));
        ModelStreamInferResponse refused = client.next();
        running.admission.release(RunningFrontend.MAX_BYTES_IN_FLIGHT - 10);

        assertThat(refused.getErrorMessage()).contains("overloaded");
        assertThat(refused.getInferResponse()).isEqualTo(ModelInferResponse.getDefaultInstance());
        client.send(ask("identity", "again"));
        assertThat(client.next().getInferResponse().getId()).isEqualTo("again");
    }

    @Test
    void stopsReadingFromAClientThatDoesNotRead() throws InterruptedException {
        AtomicInteger accepted = new AtomicInteger();
        running.addModel(
                GrpcModels.identity("counted", DataType.TYPE_UINT8),
                (request, sender) -> {
                    accepted.incrementAndGet();
                    sender.send(FakeModel.echoOf(request, 1), true);
                });
        StreamClient client = StreamClient.thatReadsNothing(running.anotherChannel());
        int requests = 200;
        for (int i = 0; i < requests; i++) {
            client.send(ask("counted", Integer.toString(i), new byte[100_000]));
        }
        client.halfClose();
        int before = -1;
        while (before != accepted.get()) {
            before = accepted.get();
            for (int i = 0; i < 200; i++) {
                assertServes();
            }
        }

        assertThat(accepted.get()).isBetween(1, 60);
        assertThat(running.frontend.waitingBytes()).isLessThan(60 * 102_000L);

        client.readAll();
        for (int i = 0; i < requests; i++) {
            assertThat(client.next().getInferResponse().getId()).isEqualTo(Integer.toString(i));
        }
        client.assertEndsWithoutMore();
        assertThat(running.frontend.waitingBytes()).isZero();
    }

    @Test
    void endsTheStreamOfAClientThatNeverReads() throws InterruptedException {
        StreamClient client = StreamClient.thatReadsNothing(running.anotherChannel());
        client.send(ask("decoupled", "flood", new byte[1 << 20]), ask("single", "other"));
        HeldRequests.Held flooding = decoupled.next();
        HeldRequests.Held other = single.next();

        for (int i = 0; i < 100; i++) {
            flooding.respond();
            assertThat(running.frontend.waitingBytes())
                    .isLessThanOrEqualTo(RunningFrontend.MAX_BYTES_IN_FLIGHT / 4);
        }

        flooding.awaitCancelled();
        other.awaitCancelled();
        flooding.complete();
        other.answer();
        assertServes();
        client.readAll();
        Status status = client.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status.getDescription()).startsWith("the client reads too slowly: more than ");
    }

    @Test
    void holdsABurstForAClientThatReadsLater() throws InterruptedException {
        StreamClient client = StreamClient.thatReadsNothing(running.anotherChannel());
        client.send(ask("decoupled", "burst", new byte[100_000])).halfClose();
        HeldRequests.Held held = decoupled.next();
        for (int i = 0; i < 99; i++) {
            held.respond();
        }
        held.answer();

        client.readAll();

        for (int i = 0; i < 100; i++) {
            assertThat(client.next().getInferResponse().getRawOutputContents(0)).hasSize(100_000);
        }
        client.assertEndsWithoutMore();
    }

    @Test
    void survivesStreamsThatVanishAtAnyMoment() throws InterruptedException {
        Random random = new Random(7);
        for (int i = 0; i < 100; i++) {
            StreamClient client = StreamClient.open(running.channel);
            for (int j = 0; j < 10; j++) {
                client.send(ask("identity", "i", new byte[random.nextInt(100_000)]));
            }
            if (random.nextBoolean()) {
                client.next();
            }
            client.cancel();
        }
        assertServes();
    }

    private void assertServes() {
        assertThat(
                        GRPCInferenceServiceGrpc.newBlockingStub(running.channel)
                                .serverLive(ServerLiveRequest.getDefaultInstance())
                                .getLive())
                .isTrue();
    }

    private static void assertRefused(StreamClient client, ModelInferRequest request, String text)
            throws InterruptedException {
        client.send(request);
        assertThat(client.next())
                .isEqualTo(
                        ModelStreamInferResponse.newBuilder()
                                .setErrorMessage(text)
                                .setInferResponse(
                                        ModelInferResponse.newBuilder().setId(request.getId()))
                                .build());
    }

    private static ModelStreamInferResponse failed(
            String text, String id, String model, String version) {
        return ModelStreamInferResponse.newBuilder()
                .setErrorMessage(text)
                .setInferResponse(
                        ModelInferResponse.newBuilder()
                                .setId(id)
                                .setModelName(model)
                                .setModelVersion(version)
                                .putParameters(FINAL, bool(true)))
                .build();
    }

    private static boolean isFinal(ModelStreamInferResponse reply) {
        return reply.getInferResponse().getParametersOrThrow(FINAL).getBoolParam();
    }

    private static InferParameter bool(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }

    private static Metadata grpcError(String value) {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER), value);
        return metadata;
    }

    private static ModelInferRequest withEmptyFinal(ModelInferRequest request) {
        return request.toBuilder()
                .putParameters("triton_enable_empty_final_response", bool(true))
                .build();
    }

    private static ModelInferRequest ask(String model, String id) {
        return ask(model, id, new byte[] {1, 2, 3});
    }

    private static ModelInferRequest ask(String model, String id, byte[] data) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .setId(id)
                .addInputs(
                        InferInputTensor.newBuilder()
                                .setName("X")
                                .setDatatype("UINT8")
                                .addShape(1)
                                .addShape(data.length))
                .addRawInputContents(ByteString.copyFrom(data))
                .build();
    }
}
