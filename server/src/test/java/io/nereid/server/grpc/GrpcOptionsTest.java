package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelReadyRequest;
import io.nereid.protocol.grpc.proto.HealthGrpc;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.FakeModel;
import io.nereid.server.ServerOptions;
import io.nereid.server.ServerOptions.Compression;
import io.nereid.server.TestOptions;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.HeaderForwarding;
import io.nereid.server.security.RestrictedApis;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Restriction, forwarding, compression and reflection (gRPC protocol sections 3 and 16). */
class GrpcOptionsTest {
    private static final String KEY = "triton-grpc-protocol-key";
    private static final String RESTRICTED =
            "This protocol is restricted, expecting header '" + KEY + "'";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final BlockingQueue<Map<String, Parameter>> parameters = new LinkedBlockingQueue<>();
    private Optional<RunningFrontend> started = Optional.empty();

    private void start(ServerOptions.Grpc options) {
        RunningFrontend running = new RunningFrontend(allocator, options);
        started = Optional.of(running);
        running.addModel(GrpcModels.identity("identity", DataType.TYPE_UINT8), this::answer);
    }

    private RunningFrontend running() {
        return started.orElseThrow();
    }

    private void answer(InferenceRequest request, ResponseSender sender) {
        parameters.add(Map.copyOf(request.parameters()));
        sender.send(FakeModel.echoOf(request, 1), true);
    }

    @AfterEach
    void stop() throws InterruptedException {
        running().stop();
    }

    // Restriction.

    @ParameterizedTest
    @EnumSource(ApiCategory.class)
    void restrictsTheMethodsOfACategoryAndNoOthers(ApiCategory category) {
        start(TestOptions.grpc(0, restricted(category), HeaderForwarding.NONE));

        for (MethodDescriptor<?, ?> method : methods()) {
            boolean refused = RESTRICTED.equals(call(method, new Metadata()).getDescription());

            assertThat(refused)
                    .as(method.getFullMethodName())
                    .isEqualTo(categoryOf(method) == category);
        }
    }

    @Test
    void opensToWhoeverKnowsTheWholeValue() {
        start(TestOptions.grpc(0, restricted(ApiCategory.HEALTH), HeaderForwarding.NONE));
        MethodDescriptor<?, ?> live = GRPCInferenceServiceGrpc.getServerLiveMethod();

        Status refused = call(live, metadata(KEY, "secre"));

        assertThat(refused.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(refused.getDescription()).isEqualTo(RESTRICTED);
        assertThat(call(live, metadata("key", "secret")).isOk()).isFalse();
        assertThat(call(live, metadata(KEY, "secret")).isOk()).isTrue();
        assertThat(call(HealthGrpc.getCheckMethod(), metadata(KEY, "secret")).isOk()).isTrue();
    }

    @Test
    void opensToNobodyIfTheKeyCannotBeSent() {
        start(
                TestOptions.grpc(
                        0,
                        new RestrictedApis(
                                Map.of(
                                        ApiCategory.HEALTH,
                                        new RestrictedApis.Header(
                                                "triton-grpc-protocol-Key", "secret"),
                                        ApiCategory.LOGGING,
                                        new RestrictedApis.Header("no header", "secret"))),
                        HeaderForwarding.NONE));

        assertThat(
                        call(
                                        GRPCInferenceServiceGrpc.getServerLiveMethod(),
                                        metadata(KEY, "secret"))
                                .getCode())
                .isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(
                        call(
                                        GRPCInferenceServiceGrpc.getLogSettingsMethod(),
                                        metadata(KEY, "secret"))
                                .getCode())
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void refusesStreamsWhenTheyAreOpened() throws InterruptedException {
        start(TestOptions.grpc(0, restricted(ApiCategory.INFERENCE), HeaderForwarding.NONE));

        Status status = StreamClient.open(running().channel).status();

        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status.getDescription()).isEqualTo(RESTRICTED);
        StreamClient allowed = StreamClient.open(running().channel, metadata(KEY, "secret"));
        assertThat(allowed.send(question()).next().getErrorMessage()).isEmpty();
    }

    private static RestrictedApis restricted(ApiCategory category) {
        return new RestrictedApis(Map.of(category, new RestrictedApis.Header(KEY, "secret")));
    }

    private static List<MethodDescriptor<?, ?>> methods() {
        return Stream.concat(
                        GRPCInferenceServiceGrpc.getServiceDescriptor().getMethods().stream(),
                        HealthGrpc.getServiceDescriptor().getMethods().stream())
                .collect(Collectors.toList());
    }

    private static ApiCategory categoryOf(MethodDescriptor<?, ?> method) {
        return switch (String.valueOf(method.getBareMethodName())) {
            case "ServerLive", "ServerReady", "ModelReady", "Check" -> ApiCategory.HEALTH;
            case "ServerMetadata", "ModelMetadata" -> ApiCategory.METADATA;
            case "ModelInfer", "ModelStreamInfer" -> ApiCategory.INFERENCE;
            case "ModelConfig" -> ApiCategory.MODEL_CONFIG;
            case "ModelStatistics" -> ApiCategory.STATISTICS;
            case "RepositoryIndex", "RepositoryModelLoad", "RepositoryModelUnload" ->
                    ApiCategory.MODEL_REPOSITORY;
            case "TraceSetting" -> ApiCategory.TRACE;
            case "LogSettings" -> ApiCategory.LOGGING;
            case String name when name.contains("SharedMemory") -> ApiCategory.SHARED_MEMORY;
            case String name -> throw new AssertionError("no category: " + name);
        };
    }

    /** The status of a call with an empty message. */
    private Status call(MethodDescriptor<?, ?> method, Metadata metadata) {
        BlockingQueue<Status> ended = new LinkedBlockingQueue<>();
        MethodDescriptor<byte[], byte[]> raw = RawBytes.method(method);
        var call = running().channel.newCall(raw, CallOptions.DEFAULT);
        call.start(
                new io.grpc.ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.add(status);
                    }
                },
                metadata);
        call.request(2);
        call.sendMessage(new byte[0]);
        call.halfClose();
        try {
            Status status = ended.poll(30, TimeUnit.SECONDS);
            assertThat(status).isNotNull();
            return status;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // Forwarding.

    @Test
    void forwardsNothingByDefault() throws InterruptedException {
        start(TestOptions.grpc(0));

        stub(metadata("my-key", "v")).modelInfer(question());

        assertThat(parameters.take()).isEmpty();
    }

    @Test
    void forwardsMetadataOfCallsAndStreams() throws InterruptedException {
        start(TestOptions.grpc(0, RestrictedApis.NONE, HeaderForwarding.of("^MY-")));
        Metadata metadata = metadata("my-key", "v");
        metadata.put(Metadata.Key.of("other-my-", Metadata.ASCII_STRING_MARSHALLER), "no");
        metadata.put(
                Metadata.Key.of("my-bytes-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {1});

        stub(metadata).modelInfer(question());
        StreamClient.open(running().channel, metadata).send(question(), question()).next();

        for (int i = 0; i < 3; i++) {
            assertThat(parameters.poll(30, TimeUnit.SECONDS))
                    .containsOnly(Map.entry("my-key", new Parameter.StringValue("v")));
        }
    }

    @Test
    void forwardsTheUserAgentButNothingOfTheProtocol() throws InterruptedException {
        start(TestOptions.grpc(0, RestrictedApis.NONE, HeaderForwarding.of(".*")));

        stub(metadata("x", "y")).modelInfer(question());

        assertThat(parameters.take()).containsOnlyKeys("x", "user-agent");
    }

    @Test
    void refusesToForwardReservedNames() throws InterruptedException {
        start(TestOptions.grpc(0, RestrictedApis.NONE, HeaderForwarding.of(".*")));
        String text = "Header 'triton_x' is reserved for Triton usage and cannot be forwarded.";

        StatusRuntimeException failure =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> stub(metadata("triton_x", "y")).modelInfer(question()));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.getStatus().getDescription()).isEqualTo(text);
        assertThat(
                        StreamClient.open(running().channel, metadata("triton_x", "y"))
                                .send(question())
                                .next()
                                .getErrorMessage())
                .isEqualTo(text);
        assertThat(stub(metadata("timeouts", "1")).modelInfer(question()).getModelName())
                .isEqualTo("identity");
    }

    @Test
    void forwardsAfterTheParametersAreChecked() {
        start(TestOptions.grpc(0, RestrictedApis.NONE, HeaderForwarding.of(".*")));
        ModelInferRequest wrong =
                question().toBuilder()
                        .putParameters(
                                "timeout", InferParameter.newBuilder().setBoolParam(true).build())
                        .build();
        ModelInferRequest noData = question().toBuilder().clearRawInputContents().build();

        assertThat(descriptionOf(wrong)).startsWith("invalid value type for 'timeout'");
        assertThat(descriptionOf(noData)).startsWith("Header 'timeout' is reserved");
    }

    private String descriptionOf(ModelInferRequest question) {
        StatusRuntimeException failure =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> stub(metadata("timeout", "1")).modelInfer(question));
        return String.valueOf(failure.getStatus().getDescription());
    }

    // Compression.

    @ParameterizedTest
    @EnumSource(Compression.class)
    void compressesAnswersToInferenceOnly(Compression level) throws InterruptedException {
        start(compressing(level));
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        GRPCInferenceServiceBlockingStub stub =
                GRPCInferenceServiceGrpc.newBlockingStub(running().channel)
                        .withInterceptors(
                                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
        String expected = level == Compression.NONE ? "identity" : "gzip";

        assertThat(stub.modelInfer(question(new byte[50_000])).getRawOutputContents(0))
                .isEqualTo(ByteString.copyFrom(new byte[50_000]));
        assertThat(encoding(headers.get())).isEqualTo(expected);

        stub.modelReady(ModelReadyRequest.newBuilder().setName("identity").build());
        assertThat(encoding(headers.get())).isEqualTo("identity");

        StreamClient client = StreamClient.open(running().channel);
        client.send(question(new byte[50_000]), question(new byte[] {7}));
        assertThat(client.next().getInferResponse().getRawOutputContents(0)).hasSize(50_000);
        assertThat(client.next().getInferResponse().getRawOutputContents(0).byteAt(0))
                .isEqualTo((byte) 7);
        assertThat(encoding(client.headers())).isEqualTo(expected);
    }

    private static ServerOptions.Grpc compressing(Compression level) {
        return TestOptions.grpc(
                0, RestrictedApis.NONE, HeaderForwarding.NONE, level, Integer.MAX_VALUE);
    }

    private static String encoding(Metadata headers) {
        String encoding =
                headers.get(Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER));
        return encoding == null ? "identity" : encoding;
    }

    // Reflection.

    @ParameterizedTest
    @MethodSource("reflections")
    void tellsWhatItServes(MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> of) {
        start(TestOptions.grpc(0));

        List<String> services =
                reflect(of, ServerReflectionRequest.newBuilder().setListServices("").build())
                        .getListServicesResponse()
                        .getServiceList()
                        .stream()
                        .map(ServiceResponse::getName)
                        .toList();

        assertThat(services)
                .containsExactlyInAnyOrder(
                        "inference.GRPCInferenceService",
                        "grpc.health.v1.Health",
                        "grpc.reflection.v1.ServerReflection",
                        "grpc.reflection.v1alpha.ServerReflection");
    }

    @ParameterizedTest
    @MethodSource("reflections")
    void describesEveryMessage(
            MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> of)
            throws InvalidProtocolBufferException, DescriptorValidationException {
        start(TestOptions.grpc(0));

        FileDescriptor found = file(of, "inference.GRPCInferenceService.ModelInfer");

        assertThat(found.toProto()).isEqualTo(GrpcServiceProto.getDescriptor().toProto());
        assertThat(found.findServiceByName("GRPCInferenceService").getMethods())
                .hasSameSizeAs(GRPCInferenceServiceGrpc.getServiceDescriptor().getMethods());
        for (String symbol : symbols(GrpcServiceProto.getDescriptor())) {
            assertThat(file(of, symbol).getName()).as(symbol).isEqualTo(found.getName());
        }
        assertThat(file(of, "inference.ModelConfig").findMessageTypeByName("ModelConfig"))
                .isNotNull();
        assertThat(file(of, "grpc.health.v1.HealthCheckRequest").getPackage())
                .isEqualTo("grpc.health.v1");
    }

    /** Both versions of the protocol have the same messages. */
    static Stream<MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse>>
            reflections() {
        MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> current =
                ServerReflectionGrpc.getServerReflectionInfoMethod();
        return Stream.of(
                current,
                current.toBuilder()
                        .setFullMethodName(
                                "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
                        .build());
    }

    private FileDescriptor file(
            MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> of, String symbol)
            throws InvalidProtocolBufferException, DescriptorValidationException {
        ServerReflectionResponse response =
                reflect(
                        of,
                        ServerReflectionRequest.newBuilder()
                                .setFileContainingSymbol(symbol)
                                .build());
        List<FileDescriptor> known = new ArrayList<>();
        for (ByteString bytes :
                response.getFileDescriptorResponse().getFileDescriptorProtoList().reversed()) {
            FileDescriptorProto file = FileDescriptorProto.parseFrom(bytes);
            known.add(FileDescriptor.buildFrom(file, known.toArray(FileDescriptor[]::new), true));
        }
        assertThat(known).as(symbol + ": " + response.getErrorResponse()).isNotEmpty();
        return known.getLast();
    }

    private static Set<String> symbols(FileDescriptor file) {
        Set<String> symbols = new TreeSet<>();
        for (Descriptor message : file.getMessageTypes()) {
            addSymbols(message, symbols);
        }
        return symbols;
    }

    private static void addSymbols(Descriptor message, Set<String> symbols) {
        symbols.add(message.getFullName());
        message.getNestedTypes().forEach(nested -> addSymbols(nested, symbols));
    }

    private ServerReflectionResponse reflect(
            MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> of,
            ServerReflectionRequest request) {
        BlockingQueue<ServerReflectionResponse> responses = new LinkedBlockingQueue<>();
        ClientCalls.asyncBidiStreamingCall(
                        running().channel.newCall(of, CallOptions.DEFAULT),
                        new io.grpc.stub.StreamObserver<>() {
                            @Override
                            public void onNext(ServerReflectionResponse response) {
                                responses.add(response);
                            }

                            @Override
                            public void onError(Throwable failure) {
                                responses.add(ServerReflectionResponse.getDefaultInstance());
                            }

                            @Override
                            public void onCompleted() {}
                        })
                .onNext(request);
        try {
            ServerReflectionResponse response = responses.poll(30, TimeUnit.SECONDS);
            assertThat(response).isNotNull();
            return response;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private GRPCInferenceServiceBlockingStub stub(Metadata metadata) {
        return GRPCInferenceServiceGrpc.newBlockingStub(running().channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    private static Metadata metadata(String name, String value) {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
        return metadata;
    }

    private static ModelInferRequest question() {
        return question(new byte[] {1});
    }

    private static ModelInferRequest question(byte[] data) {
        return GrpcModels.question("identity", ByteString.copyFrom(data));
    }
}
