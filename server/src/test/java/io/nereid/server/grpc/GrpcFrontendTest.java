package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelConfigRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelReadyRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerMetadataRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerMetadataResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerReadyRequest;
import io.nereid.protocol.grpc.proto.HealthGrpc;
import io.nereid.protocol.grpc.proto.HealthProto.HealthCheckRequest;
import io.nereid.protocol.grpc.proto.HealthProto.HealthCheckResponse.ServingStatus;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.FakeModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcFrontendTest {
    private static final ModelConfig IDENTITY =
            GrpcModels.identity("identity", DataType.TYPE_UINT8);

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private RunningFrontend running;
    private GRPCInferenceServiceBlockingStub stub;

    @BeforeEach
    void start() {
        running = new RunningFrontend(allocator);
        running.addIdentity(IDENTITY);
        stub = GRPCInferenceServiceGrpc.newBlockingStub(running.channel);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running.stop();
    }

    // Health and metadata.

    @Test
    void isReadyOnlyWhileEveryModelIs() {
        assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
        assertThat(health("")).isEqualTo(ServingStatus.SERVING);

        running.catalog.setAllReady(false);

        assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isFalse();
        assertThat(health("anything")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    }

    @Test
    void saysThatTheServerExits() {
        running.server.exiting();

        assertFails(
                () -> stub.serverLive(ServerLiveRequest.getDefaultInstance()),
                Status.Code.UNAVAILABLE,
                "Server exiting");
        assertFails(
                () -> stub.serverReady(ServerReadyRequest.getDefaultInstance()),
                Status.Code.UNAVAILABLE,
                "Server exiting");
        assertFails(() -> health(""), Status.Code.UNAVAILABLE, "Server exiting");
        assertFails(
                () -> stub.modelMetadata(ModelMetadataRequest.getDefaultInstance()),
                Status.Code.UNAVAILABLE,
                "Server not ready");
    }

    @Test
    void describesItself() {
        ServerMetadataResponse metadata =
                stub.serverMetadata(ServerMetadataRequest.getDefaultInstance());

        assertThat(metadata.getName()).isEqualTo("nereid");
        assertThat(metadata.getVersion()).isEqualTo("2.73.0");
        assertThat(metadata.getExtensionsList()).containsExactly("classification");
    }

    @Test
    void listsEveryReadyVersionUnlessOneIsNamed() {
        running.catalog.add(FakeModel.echo(IDENTITY, 12));

        ModelMetadataRequest any = ModelMetadataRequest.newBuilder().setName("identity").build();

        assertThat(stub.modelMetadata(any).getVersionsList()).containsExactly("1", "12");
        assertThat(stub.modelMetadata(any.toBuilder().setVersion("12").build()).getVersionsList())
                .containsExactly("12");
    }

    @Test
    void servesConfigurationsAsTheyAre() {
        assertThat(
                        stub.modelConfig(
                                        ModelConfigRequest.newBuilder()
                                                .setName("identity")
                                                .setVersion("1")
                                                .build())
                                .getConfig())
                .isEqualTo(IDENTITY.message());
    }

    @Test
    void modelsThatAreNotThereAreNotReady() {
        assertThat(modelReady("identity", "")).isTrue();
        assertThat(modelReady("identity", "1")).isTrue();
        assertThat(modelReady("identity", "2")).isFalse();
        assertThat(modelReady("nosuch", "")).isFalse();
        assertFails(
                () -> modelReady("identity", "abc"),
                Status.Code.INVALID_ARGUMENT,
                "failed to get model version from specified version string 'abc' (details: stol),"
                        + " version should be an integral value > 0");
        assertFails(
                () -> modelReady("identity", "-1"),
                Status.Code.INVALID_ARGUMENT,
                "invalid model version specified '-1' , version should be an integral value > 0");

        running.server.exiting();

        assertThat(modelReady("identity", "")).isFalse();
    }

    @Test
    void doesNotKnowMethodsThatAreNotOffered() {
        StatusRuntimeException failure =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                ClientCalls.blockingUnaryCall(
                                        running.channel,
                                        HealthGrpc.getCheckMethod().toBuilder()
                                                .setFullMethodName("grpc.health.v1.Health/Watch")
                                                .build(),
                                        CallOptions.DEFAULT,
                                        HealthCheckRequest.getDefaultInstance()));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    // Inference.

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 70_000, 5_000_000})
    void answersWithTheBytesOfAnyNumber(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);

        ModelInferResponse reply = stub.modelInfer(question(ByteString.copyFrom(bytes)));

        assertThat(reply.getRawOutputContentsCount()).isEqualTo(1);
        assertThat(reply.getRawOutputContents(0).toByteArray()).isEqualTo(bytes);
        assertThat(reply.getOutputs(0).getShapeList()).containsExactly(1L, (long) size);
        assertThat(allocator.copies().copies(CopyMeter.Site.RECEIVE)).isEqualTo(1);
        assertThat(allocator.copies().copies(CopyMeter.Site.DECODE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void acceptsCompressedRequests(String compression) {
        ByteString bytes = ByteString.copyFrom(new byte[300_000]);
        assertThat(
                        stub.withCompression(compression)
                                .modelInfer(question(bytes))
                                .getRawOutputContents(0))
                .isEqualTo(bytes);
    }

    @Test
    void passesIdAndParametersBack() {
        running.addModel(
                GrpcModels.identity("parameters", DataType.TYPE_UINT8),
                (request, sender) -> {
                    InferenceResponse response =
                            new InferenceResponse(
                                    request.id(),
                                    request.modelName(),
                                    1,
                                    Map.copyOf(request.parameters()),
                                    List.of());
                    request.close();
                    sender.send(response, true);
                });
        ModelInferRequest question =
                question(ByteString.EMPTY).toBuilder()
                        .setModelName("parameters")
                        .setId("i")
                        .putParameters("p", InferParameter.newBuilder().setDoubleParam(2).build())
                        .build();

        ModelInferResponse reply = stub.modelInfer(question);

        assertThat(reply.getId()).isEqualTo("i");
        assertThat(reply.getParametersMap())
                .containsOnly(
                        Map.entry("p", InferParameter.newBuilder().setDoubleParam(2).build()));
        assertThat(reply.getOutputsCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource(StatusCode.class)
    void passesFailuresOfModelsOn(StatusCode code) {
        running.addModel(
                GrpcModels.identity("failing", DataType.TYPE_UINT8),
                (request, sender) ->
                        running.instance.execute(() -> {
                            request.close();
                            sender.fail(new StatusException(code, "text \u00e4 %"));
                        }));

        StatusRuntimeException failure = failure(named("failing"));

        assertThat(failure.getStatus().getCode().value()).isEqualTo(code.grpcCode());
        assertThat(failure.getStatus().getDescription()).isEqualTo("text \u00e4 %");
    }

    @Test
    void answersOnTheEventLoopToo() {
        running.addModel(
                GrpcModels.identity("inline", DataType.TYPE_UINT8),
                (request, sender) -> sender.send(FakeModel.echoOf(request, 1), true));

        assertThat(stub.modelInfer(named("inline")).getModelName()).isEqualTo("inline");
    }

    @Test
    void wantsOneResponseAndNoMore() {
        addResponding("none", 0, false);
        addResponding("one", 1, false);
        addResponding("oneLast", 1, true);
        addResponding("three", 3, false);
        addResponding("threeLast", 3, true);

        assertThat(stub.modelInfer(named("one")).getModelName()).isEqualTo("one");
        assertThat(stub.modelInfer(named("oneLast")).getModelName()).isEqualTo("oneLast");
        assertInferFails(named("none"), Status.Code.INTERNAL, "expected a single response, got 0");
        assertInferFails(named("three"), Status.Code.INTERNAL, "expected a single response, got 3");
        assertInferFails(
                named("threeLast"), Status.Code.INTERNAL, "expected a single response, got 3");
    }

    private void addResponding(String name, int responses, boolean lastSaysSo) {
        running.addModel(
                GrpcModels.identity(name, DataType.TYPE_UINT8),
                (request, sender) ->
                        running.instance.execute(
                                () -> respond(request, sender, responses, lastSaysSo)));
    }

    private static void respond(
            InferenceRequest request, ResponseSender sender, int responses, boolean lastSaysSo) {
        List<InferenceResponse> all = new ArrayList<>();
        for (int i = 0; i < responses; i++) {
            all.add(
                    new InferenceResponse(
                            request.id(),
                            request.modelName(),
                            1,
                            Map.of(),
                            List.of(request.input("X").orElseThrow().retain().withName("Y"))));
        }
        request.close();
        for (int i = 0; i < responses; i++) {
            sender.send(all.get(i), lastSaysSo && i == responses - 1);
        }
        if (!lastSaysSo || responses == 0) {
            sender.complete();
        }
    }

    @Test
    void endsTheCallAlsoIfTheModelBreaksItsPromises() {
        running.addModel(
                GrpcModels.identity("closed", DataType.TYPE_UINT8),
                (request, sender) -> {
                    InferenceResponse response = FakeModel.echoOf(request, 1);
                    response.close();
                    running.instance.execute(() -> sender.send(response, true));
                });

        assertInferFails(named("closed"), Status.Code.INTERNAL, "failed to write the response");
        assertThat(stub.modelInfer(named("identity")).getModelName()).isEqualTo("identity");
    }

    @Test
    void reportsClassesInThePlaceOfATensor() {
        running.catalog.label("Y", 2, "two");
        ByteString data = ByteString.copyFrom(new byte[] {3, 7, 9, 1});

        ModelInferResponse reply = stub.modelInfer(classifying(question(data), 2));

        assertThat(reply.getOutputs(0).getDatatype()).isEqualTo("BYTES");
        assertThat(reply.getOutputs(0).getShapeList()).containsExactly(2L);
        assertThat(reply.getRawOutputContents(0).toStringUtf8())
                .isEqualTo("\u0007\0\0\0" + "9:2:two" + "\u0003\0\0\0" + "7:1");
    }

    @Test
    void refusesClassesOfTensorsThatCannotBeRanked() {
        running.addIdentity(GrpcModels.identity("halves", DataType.TYPE_FP16));
        ModelInferRequest.Builder question =
                GrpcModels.question("halves", ByteString.copyFromUtf8("ab")).toBuilder();
        question.getInputsBuilder(0).setDatatype("FP16").setShape(1, 1);

        assertInferFails(
                classifying(question.build(), 1),
                Status.Code.INVALID_ARGUMENT,
                "class result not available for output due to unsupported type 'FP16'");
    }

    private static ModelInferRequest classifying(ModelInferRequest question, long classes) {
        return question.toBuilder()
                .addOutputs(
                        InferRequestedOutputTensor.newBuilder()
                                .setName("Y")
                                .putParameters(
                                        "classification",
                                        InferParameter.newBuilder().setInt64Param(classes).build()))
                .build();
    }

    @Test
    void looksAtTheVersionBeforeItLooksForTheModel() {
        assertInferFails(
                named("nosuch").toBuilder().setModelVersion("-7").build(),
                Status.Code.INVALID_ARGUMENT,
                "invalid model version specified '-7' , version should be an integral value > 0");
    }

    @Test
    void refusesMalformedMessages() {
        byte[] bytes = question(ByteString.copyFromUtf8("abc")).toByteArray();
        byte[] cutOff = Arrays.copyOf(bytes, bytes.length - 1);

        StatusRuntimeException failure =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                ClientCalls.blockingUnaryCall(
                                        running.channel,
                                        RawBytes.method(
                                                GRPCInferenceServiceGrpc.getModelInferMethod()),
                                        CallOptions.DEFAULT,
                                        cutOff));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.getStatus().getDescription())
                .startsWith("failed to parse ModelInferRequest: message ends too early");
    }

    // Limits.

    @Test
    void refusesRequestsThatNeverFit() {
        StatusRuntimeException failure =
                failure(
                        question(
                                ByteString.copyFrom(
                                        new byte[(int) RunningFrontend.MAX_BYTES_IN_FLIGHT])));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.getStatus().getDescription()).contains("--max-inflight-bytes");
    }

    @Test
    void refusesRequestsThatDoNotFitNow() {
        running.admission.reserve(RunningFrontend.MAX_BYTES_IN_FLIGHT - 10);

        StatusRuntimeException failure = failure(named("identity"));

        running.admission.release(RunningFrontend.MAX_BYTES_IN_FLIGHT - 10);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(failure.getStatus().getDescription()).contains("overloaded");
        assertThat(stub.modelInfer(named("identity")).getModelName()).isEqualTo("identity");
    }

    @Test
    void countsBytesInFlightUntilTheModelIsDone() throws InterruptedException {
        BlockingQueue<Held> held = addHolding("holding");
        ListenableFuture<ModelInferResponse> reply =
                future(GrpcModels.question("holding", ByteString.copyFrom(new byte[1000])));
        Held first = take(held);

        assertThat(running.admission.inFlightBytes()).isBetween(1000L, 1100L);

        first.answer();
        assertThat(get(reply).getRawOutputContents(0)).hasSize(1000);
    }

    // Cancellation.

    @Test
    void cancelsTheRequestWhenTheClientCancels() throws InterruptedException {
        BlockingQueue<Held> held = addHolding("holding");
        ListenableFuture<ModelInferResponse> reply = future(named("holding"));
        Held first = take(held);
        CountDownLatch cancelled = new CountDownLatch(1);
        first.request().onCancel(cancelled::countDown);

        reply.cancel(true);

        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        first.answer();
    }

    @Test
    void cancelsTheRequestWhenTheDeadlinePasses() throws InterruptedException {
        BlockingQueue<Held> held = addHolding("holding");
        CountDownLatch cancelled = new CountDownLatch(1);

        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() ->
                        stub.withDeadlineAfter(200, TimeUnit.MILLISECONDS)
                                .modelInfer(named("holding")))
                .extracting(e -> e.getStatus().getCode())
                .isEqualTo(Status.Code.DEADLINE_EXCEEDED);

        Held first = take(held);
        first.request().onCancel(cancelled::countDown);
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        first.fail();
    }

    @Test
    void cancelsTheRequestWhenTheConnectionIsLost() throws InterruptedException {
        BlockingQueue<Held> held = addHolding("holding");
        var _ = future(named("holding"));
        Held first = take(held);
        CountDownLatch cancelled = new CountDownLatch(1);
        first.request().onCancel(cancelled::countDown);

        running.channel.shutdownNow();

        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        first.answer();
    }

    @Test
    void givesTheMessageBackIfTheCallEndsBeforeItIsComplete() throws InterruptedException {
        ClientCall<ModelInferRequest, ModelInferResponse> call =
                running.channel.newCall(
                        GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.request(1);
        call.sendMessage(question(ByteString.copyFrom(new byte[100])));
        awaitBytesInFlight(true);

        call.cancel("changed my mind", null);

        awaitBytesInFlight(false);
    }

    /** Calls in between give the event loops their turn. */
    private void awaitBytesInFlight(boolean some) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (running.admission.inFlightBytes() > 0 != some) {
            assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
            assertThat(System.nanoTime() - end).isNegative();
        }
    }

    @Test
    void refusesTwoMessagesInOneCall() throws InterruptedException {
        ClientCall<ModelInferRequest, ModelInferResponse> call =
                running.channel.newCall(
                        GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
        BlockingQueue<Status> ended = new LinkedBlockingQueue<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.add(status);
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(named("identity"));
        call.sendMessage(named("identity"));
        call.halfClose();

        Status status = ended.poll(30, TimeUnit.SECONDS);

        assertThat(status).isNotNull();
        assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(status.getDescription()).isEqualTo("Too many requests");
    }

    // Concurrency.

    @Test
    void answersManyCallsAtATimeEachWithItsOwnBytes() throws InterruptedException {
        int calls = 400;
        List<ListenableFuture<ModelInferResponse>> replies = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            replies.add(future(question(ByteString.copyFromUtf8("call " + i + "x".repeat(i)))));
        }
        for (int i = 0; i < calls; i++) {
            assertThat(get(replies.get(i)).getRawOutputContents(0).toStringUtf8())
                    .isEqualTo("call " + i + "x".repeat(i));
        }
    }

    @Test
    void survivesCallsThatAreCancelledAtAnyMoment() throws InterruptedException {
        Random random = new Random(1);
        try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 300; i++) {
                ListenableFuture<ModelInferResponse> reply =
                        future(question(ByteString.copyFrom(new byte[random.nextInt(100_000)])));
                long spins = random.nextInt(200_000);
                clients.execute(() -> {
                    for (long spin = 0; spin < spins; spin++) {
                        Thread.onSpinWait();
                    }
                    reply.cancel(true);
                });
            }
        }
        assertThat(stub.modelInfer(named("identity")).getModelName()).isEqualTo("identity");
    }

    // Start and stop.

    @Test
    void saysThatThePortIsTaken() {
        GrpcFrontend second = running.another(running.frontend.port());

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(second::start)
                .withMessage("Socket '127.0.0.1:" + running.frontend.port() + "' already in use ");
    }

    @Test
    void letsRunningRequestsFinishBeforeItStops() throws InterruptedException {
        BlockingQueue<Held> held = addHolding("holding");
        ListenableFuture<ModelInferResponse> reply = future(named("holding"));
        Held first = take(held);
        Thread stopping =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                running.frontend.shutdown(Duration.ofSeconds(30));
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });

        first.answer();

        assertThat(get(reply).getModelName()).isEqualTo("holding");
        assertThat(stopping.join(Duration.ofSeconds(30))).isTrue();
    }

    @Test
    void cancelsWhatStillRunsAtTheDeadline() throws InterruptedException {
        BlockingQueue<Held> held = addHolding("holding");
        ListenableFuture<ModelInferResponse> reply = future(named("holding"));
        Held first = take(held);
        CountDownLatch cancelled = new CountDownLatch(1);
        first.request().onCancel(cancelled::countDown);

        running.frontend.shutdown(Duration.ofMillis(50));

        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> reply.get(30, TimeUnit.SECONDS));
        first.answer();
    }

    /** A request that a model holds until the test has it answered, on an instance's thread. */
    private record Held(InferenceRequest request, ResponseSender sender, ExecutorService instance) {
        void answer() {
            instance.execute(() -> sender.send(FakeModel.echoOf(request, 1), true));
        }

        void fail() {
            instance.execute(() -> {
                request.close();
                sender.fail(new StatusException(StatusCode.CANCELLED, ""));
            });
        }
    }

    private BlockingQueue<Held> addHolding(String name) {
        BlockingQueue<Held> held = new LinkedBlockingQueue<>();
        running.addModel(
                GrpcModels.identity(name, DataType.TYPE_UINT8),
                (request, sender) -> held.add(new Held(request, sender, running.instance)));
        return held;
    }

    private static Held take(BlockingQueue<Held> held) throws InterruptedException {
        Held first = held.poll(30, TimeUnit.SECONDS);
        assertThat(first).isNotNull();
        return first;
    }

    private ServingStatus health(String service) {
        return HealthGrpc.newBlockingStub(running.channel)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    private boolean modelReady(String name, String version) {
        return stub.modelReady(
                        ModelReadyRequest.newBuilder().setName(name).setVersion(version).build())
                .getReady();
    }

    private ListenableFuture<ModelInferResponse> future(ModelInferRequest question) {
        return GRPCInferenceServiceGrpc.newFutureStub(running.channel).modelInfer(question);
    }

    private static ModelInferResponse get(ListenableFuture<ModelInferResponse> reply)
            throws InterruptedException {
        try {
            return reply.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("no reply", e);
        }
    }

    private StatusRuntimeException failure(ModelInferRequest question) {
        StatusRuntimeException failure =
                catchThrowableOfType(StatusRuntimeException.class, () -> stub.modelInfer(question));
        assertThat(failure).isNotNull();
        return failure;
    }

    private void assertInferFails(ModelInferRequest question, Status.Code code, String text) {
        assertFails(() -> stub.modelInfer(question), code, text);
    }

    private static void assertFails(Runnable call, Status.Code code, String text) {
        StatusRuntimeException failure =
                catchThrowableOfType(StatusRuntimeException.class, call::run);

        assertThat(failure).isNotNull();
        assertThat(failure.getStatus().getDescription()).isEqualTo(text);
        assertThat(failure.getStatus().getCode()).isEqualTo(code);
    }

    private static ModelInferRequest named(String model) {
        return GrpcModels.question(model, ByteString.copyFromUtf8("data"));
    }

    private static ModelInferRequest question(ByteString data) {
        return GrpcModels.question("identity", data);
    }
}
