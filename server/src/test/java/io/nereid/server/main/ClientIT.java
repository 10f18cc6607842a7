package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferTensorContents;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import io.nereid.server.security.TestCertificates;
import io.nereid.server.sharedmemory.OtherProcess;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client as anybody would write it, with the JDK's HTTP client and the stubs of the public
 * protocol: streams, cancellation, memory of another process, TLS, compression.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> LOOPBACK =
            List.of(
                    "--http-address=127.0.0.1",
                    "--http-port=0",
                    "--grpc-address=127.0.0.1",
                    "--grpc-port=0");

    /** Echoes after three seconds, one request at a time. */
    private static final String SLOW =
            """
            backend: "identity"
            max_batch_size: 1
            input [ { name: "X" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "Y" data_type: TYPE_INT32 dims: [ 1 ] } ]
            instance_group [ { kind: KIND_CPU count: 1 } ]
            parameters { key: "execute_delay_ms" value { string_value: "3000" } }
            """;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private NereidServer server;
    private ManagedChannel channel;

    @BeforeAll
    void start(@TempDir Path scratch) throws IOException {
        TestServers.place(scratch, "slow", SLOW);
        server =
                start(
                        "--model-repository=" + scratch,
                        "--model-repository=" + TestServers.resource("/conformance/repository"),
                        "--model-control-mode=explicit",
                        "--load-model=slow",
                        "--load-model=repeat",
                        "--load-model=add_sub",
                        "--allow-client-shm=true");
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                        .usePlaintext()
                        .build();
    }

    @AfterAll
    void stop() {
        http.close();
        channel.shutdownNow();
        server.close();
    }

    private static NereidServer start(String... flags) {
        List<String> all = new ArrayList<>(LOOPBACK);
        all.addAll(List.of(flags));
        return NereidServer.start(TestServers.commandLine(Map.of(), all));
    }

    // ------------------------------------------------------------------ streams

    @Test
    void readsEachResponseOfADecoupledModelFromAStream() throws Exception {
        BlockingQueue<ModelStreamInferResponse> replies = new LinkedBlockingQueue<>();
        CompletableFuture<Void> ended = new CompletableFuture<>();
        StreamObserver<ModelInferRequest> stream =
                GRPCInferenceServiceGrpc.newStub(channel)
                        .modelStreamInfer(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ModelStreamInferResponse reply) {
                                        replies.add(reply);
                                    }

                                    @Override
                                    public void onError(Throwable failure) {
                                        ended.completeExceptionally(failure);
                                    }

                                    @Override
                                    public void onCompleted() {
                                        ended.complete(null);
                                    }
                                });
        stream.onNext(repeat("first", 7, 8, 9));
        List<Integer> values = new ArrayList<>();
        while (true) {
            ModelStreamInferResponse reply = replies.poll(30, TimeUnit.SECONDS);
            assertThat(reply).as("reply").isNotNull();
            assertThat(reply.getErrorMessage()).isEmpty();
            ModelInferResponse response = reply.getInferResponse();
            assertThat(response.getId()).isEqualTo("first");
            if (response.getParametersOrThrow("triton_final_response").getBoolParam()) {
                assertThat(response.getOutputsCount()).isZero();
                break;
            }
            values.add((int) response.getRawOutputContents(0).byteAt(0));
        }
        assertThat(values).containsExactly(7, 8, 9);
        stream.onCompleted();
        ended.get(30, TimeUnit.SECONDS);
    }

    private static ModelInferRequest repeat(String id, Integer... values) {
        return ModelInferRequest.newBuilder()
                .setModelName("repeat")
                .setId(id)
                .putParameters(
                        "triton_enable_empty_final_response",
                        InferParameter.newBuilder().setBoolParam(true).build())
                .addInputs(
                        input("IN", "INT32", values.length)
                                .setContents(
                                        InferTensorContents.newBuilder()
                                                .addAllIntContents(List.of(values))))
                .addInputs(
                        input("DELAY", "UINT32", values.length)
                                .setContents(
                                        InferTensorContents.newBuilder()
                                                .addAllUintContents(
                                                        Stream.of(values).map(_ -> 0).toList())))
                .addInputs(
                        input("WAIT", "UINT32", 1)
                                .setContents(InferTensorContents.newBuilder().addUintContents(0)))
                .build();
    }

    private static InferInputTensor.Builder input(String name, String type, long... shape) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName(name).setDatatype(type);
        Arrays.stream(shape).forEach(input::addShape);
        return input;
    }

    @Test
    void readsServerSentEventsAsTheyCome() throws Exception {
        HttpRequest request =
                post("/v2/models/repeat/generate_stream")
                        .POST(body("{\"IN\":[4,5],\"DELAY\":[0,0],\"WAIT\":0}"))
                        .build();
        HttpResponse<Stream<String>> reply =
                http.send(request, HttpResponse.BodyHandlers.ofLines());
        assertThat(reply.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/event-stream");
        List<Integer> values = new ArrayList<>();
        for (String line : reply.body().filter(text -> !text.isEmpty()).toList()) {
            assertThat(line).startsWith("data: ");
            values.add(MAPPER.readTree(line.substring("data: ".length())).get("OUT").asInt());
        }
        assertThat(values).containsExactly(4, 5);
    }

    // ------------------------------------------------------------------ cancellation

    /** How a client goes away. */
    enum Leaving {
        CLOSED_CONNECTION,
        CANCELLED_CALL,
        EXPIRED_CALL,
        CANCELLED_STREAM
    }

    @ParameterizedTest
    @EnumSource
    void leavesTheQueueAtOnceAndIsCounted(Leaving leaving) throws Exception {
        CompletableFuture<HttpResponse<String>> running = askSlow();
        Watch.awaitTrue("execution", () -> Watch.isExecuting("slow"));
        long failedBefore = failures();
        Runnable leave = enqueue(leaving);
        Watch.awaitTrue("arrival", () -> server.inFlight() == 2);
        leave.run();
        Watch.awaitTrue("end of the request that left", () -> server.inFlight() == 1);
        assertThat(running).isNotDone();
        Watch.awaitTrue("its failure", () -> failures() == failedBefore + 1);
        assertThat(running.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    private CompletableFuture<HttpResponse<String>> askSlow() {
        String json =
                "{\"inputs\":[{\"name\":\"X\",\"datatype\":\"INT32\",\"shape\":[1,1],\"data\":[1]}]}";
        return http.sendAsync(
                post("/v2/models/slow/infer").POST(body(json)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Sends a request that has to wait, and tells how its client goes away. */
    private Runnable enqueue(Leaving leaving) {
        ModelInferRequest request =
                ModelInferRequest.newBuilder()
                        .setModelName("slow")
                        .addInputs(
                                input("X", "INT32", 1, 1)
                                        .setContents(
                                                InferTensorContents.newBuilder().addIntContents(2)))
                        .build();
        Context.CancellableContext context = Context.current().withCancellation();
        switch (leaving) {
            case CLOSED_CONNECTION -> {
                CompletableFuture<HttpResponse<String>> waiting = askSlow();
                return () -> assertThat(waiting.cancel(true)).isTrue();
            }
            case CANCELLED_CALL ->
                    context.run(() -> {
                        var _ = GRPCInferenceServiceGrpc.newFutureStub(channel).modelInfer(request);
                    });
            case EXPIRED_CALL -> {
                var _ =
                        GRPCInferenceServiceGrpc.newFutureStub(channel)
                                .withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                                .modelInfer(request);
                return () -> {};
            }
            case CANCELLED_STREAM ->
                    context.run(() ->
                            GRPCInferenceServiceGrpc.newStub(channel)
                                    .modelStreamInfer(new Ignoring())
                                    .onNext(request));
        }
        return () -> context.cancel(null);
    }

    /** Waits for nothing. */
    private static final class Ignoring implements StreamObserver<ModelStreamInferResponse> {
        @Override
        public void onNext(ModelStreamInferResponse reply) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    private long failures() {
        try {
            JsonNode statistics =
                    MAPPER.readTree(
                            http.send(
                                            post("/v2/models/slow/stats").GET().build(),
                                            HttpResponse.BodyHandlers.ofString())
                                    .body());
            return statistics.at("/model_stats/0/inference_stats/fail/count").asLong(-1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    // ------------------------------------------------------------------ shared memory

    @Test
    void sharesTensorsWithAnotherProcess() throws Exception {
        String name = "nereid_client_" + ProcessHandle.current().pid();
        Path object = Path.of("/dev/shm", name);
        Files.write(object, new byte[256]);
        try {
            OtherProcess.run(object, "fill", 1);
            String region = "/v2/systemsharedmemory/region/in_and_out";
            String registration = "{\"key\":\"/" + name + "\",\"offset\":0,\"byte_size\":256}";
            assertThat(send(region + "/register", registration).statusCode()).isEqualTo(200);

            HttpResponse<byte[]> answer =
                    send(
                            "/v2/models/add_sub/infer",
                            """
                            {"inputs":[
                              {"name":"INPUT0","datatype":"INT32","shape":[1,16],"parameters":
                               {"shared_memory_region":"in_and_out","shared_memory_byte_size":64}},
                              {"name":"INPUT1","datatype":"INT32","shape":[1,16],"parameters":
                               {"shared_memory_region":"in_and_out","shared_memory_offset":64,
                                "shared_memory_byte_size":64}}],
                             "outputs":[
                              {"name":"OUTPUT0","parameters":
                               {"shared_memory_region":"in_and_out","shared_memory_offset":0,
                                "shared_memory_byte_size":256}}]}
                            """);
            assertThat(answer.statusCode()).as(TestClient.text(answer)).isEqualTo(200);
            byte[] expected = new byte[256];
            Arrays.fill(expected, (byte) 1);
            Arrays.fill(expected, 0, 64, (byte) 2);
            assertThat(Files.readAllBytes(object)).isEqualTo(expected);
            assertThat(send(region + "/unregister", "").statusCode()).isEqualTo(200);
        } finally {
            Files.deleteIfExists(object);
        }
    }

    // ------------------------------------------------------------------ TLS and compression

    @Test
    void talksTlsWithCertificatesOnBothSides(@TempDir Path directory) throws Exception {
        TestCertificates ours = TestCertificates.make(directory, "ours", "EC");
        TestCertificates.Pems pems = ours.write(directory.resolve("pem"));
        try (NereidServer secure =
                start(
                        "--model-repository=" + TestServers.resource("/conformance/repository"),
                        "--model-control-mode=explicit",
                        "--load-model=add_sub",
                        "--http-use-ssl=true",
                        "--http-use-ssl-mutual=true",
                        "--http-server-cert=" + pems.certificate(),
                        "--http-server-key=" + pems.key(),
                        "--http-root-cert=" + pems.root(),
                        "--grpc-use-ssl=true",
                        "--grpc-use-ssl-mutual=true",
                        "--grpc-server-cert=" + pems.certificate(),
                        "--grpc-server-key=" + pems.key(),
                        "--grpc-root-cert=" + pems.root())) {
            HttpResponse<String> answer = askOverTls(secure, ours.clientCertifiedBy(ours));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.body()).contains("\"OUTPUT0\"");
            assertThatThrownBy(() -> askOverTls(secure, ours.client()))
                    .isInstanceOf(IOException.class);
            assertThat(sumsOverTls(secure, ours)).isEqualTo(ADDED);
        }
    }

    private static final String ADD_SUB =
            """
            {"inputs":[
              {"name":"INPUT0","datatype":"INT32","shape":[1,16],
               "data":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]},
              {"name":"INPUT1","datatype":"INT32","shape":[1,16],
               "data":[2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2]}]}
            """;
    private static final ByteString ADDED = ByteString.copyFrom(filled(3));

    /** Sixteen little-endian INT32 of one small value. */
    private static byte[] filled(int value) {
        byte[] bytes = new byte[16 * Integer.BYTES];
        for (int i = 0; i < bytes.length; i += Integer.BYTES) {
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    private static ModelInferRequest addSub() {
        return ModelInferRequest.newBuilder()
                .setModelName("add_sub")
                .addInputs(input("INPUT0", "INT32", 1, 16))
                .addInputs(input("INPUT1", "INT32", 1, 16))
                .addRawInputContents(ByteString.copyFrom(filled(1)))
                .addRawInputContents(ByteString.copyFrom(filled(2)))
                .build();
    }

    private static HttpResponse<String> askOverTls(NereidServer secure, SSLContext context)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "https://127.0.0.1:"
                                                    + secure.httpPort()
                                                    + "/v2/models/add_sub/infer"))
                            .POST(body(ADD_SUB))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static ByteString sumsOverTls(NereidServer secure, TestCertificates ours)
            throws IOException, InterruptedException {
        ManagedChannel tls =
                NettyChannelBuilder.forAddress(
                                "127.0.0.1",
                                secure.grpcPort(),
                                TlsChannelCredentials.newBuilder()
                                        .trustManager(stream(ours.authority()))
                                        .keyManager(
                                                stream(ours.chain("client")),
                                                stream(ours.key("client")))
                                        .build())
                        .build();
        try {
            return GRPCInferenceServiceGrpc.newBlockingStub(tls)
                    .modelInfer(addSub())
                    .getRawOutputContents(0);
        } finally {
            tls.shutdownNow();
            tls.awaitTermination(30, TimeUnit.SECONDS);
        }
    }

    private static ByteArrayInputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void compressesBothWaysOverHttp() throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(ADD_SUB.getBytes(StandardCharsets.UTF_8));
        }
        HttpResponse<byte[]> answer =
                http.send(
                        post("/v2/models/add_sub/infer")
                                .header("Content-Encoding", "gzip")
                                .header("Accept-Encoding", "gzip")
                                .POST(
                                        HttpRequest.BodyPublishers.ofByteArray(
                                                compressed.toByteArray()))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            JsonNode sums = MAPPER.readTree(gzip).at("/outputs/0/data");
            assertThat(sums.valueStream().map(JsonNode::asInt)).hasSize(16).containsOnly(3);
        }
    }

    @Test
    void compressesOverGrpc() {
        ModelInferResponse answer =
                GRPCInferenceServiceGrpc.newBlockingStub(channel)
                        .withCompression("gzip")
                        .modelInfer(addSub());
        assertThat(answer.getRawOutputContents(0)).isEqualTo(ADDED);
    }

    @Test
    void isToldWhatIsWrong() {
        assertThatThrownBy(() ->
                        GRPCInferenceServiceGrpc.newBlockingStub(channel)
                                .modelInfer(addSub().toBuilder().setModelName("nobody").build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> {
                            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
                            assertThat(e.getStatus().getDescription())
                                    .isEqualTo("Request for unknown model: 'nobody' is not found");
                        });
    }

    // ------------------------------------------------------------------ HTTP

    private HttpRequest.Builder post(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path));
    }

    private HttpResponse<byte[]> send(String path, String json)
            throws IOException, InterruptedException {
        return http.send(
                post(path).POST(body(json)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static HttpRequest.BodyPublisher body(String json) {
        return HttpRequest.BodyPublishers.ofString(json);
    }
}
