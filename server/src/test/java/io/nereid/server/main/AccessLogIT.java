package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveResponse;
import io.nereid.server.access.AccessFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The access log of the real server. */
final class AccessLogIT {
    private static final byte[] BODY = TracedModels.BODY.getBytes(StandardCharsets.UTF_8);

    @TempDir private Path repository;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private TracedModels start(String... flags) throws IOException {
        AccessFile access = new AccessFile(out, true, InstantSource.system(), System::nanoTime);
        return TracedModels.start(repository, Optional.of(access), flags);
    }

    private List<JsonNode> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().map(AccessLogIT::parsed).toList();
    }

    private static JsonNode parsed(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(JsonNode line, String... names) {
        return String.join(
                " ", List.of(names).stream().map(name -> line.path(name).asText("-")).toList());
    }

    @Test
    void tellsOfRequestsOverHttp() throws Exception {
        try (TracedModels models = start()) {
            models.http().infer(TracedModels.INFER, BODY);
        }

        JsonNode line = lines().getFirst();
        assertThat(text(line, "protocol", "method", "target", "status", "model", "version"))
                .isEqualTo("HTTP/1.1 POST /v2/models/plain/infer 200 plain 1");
        assertThat(line.get("request_id").asText()).isEqualTo("abc");
        assertThat(line.get("client").asText()).startsWith("127.0.0.1:");
        assertThat(line.get("received_bytes").asInt()).isEqualTo(BODY.length);
        assertThat(line.get("sent_bytes").asInt()).isPositive();
        assertThat(line.get("total_us").asLong())
                .isGreaterThanOrEqualTo(
                        line.get("queue_us").asLong()
                                + line.get("compute_input_us").asLong()
                                + line.get("compute_infer_us").asLong()
                                + line.get("compute_output_us").asLong());
    }

    @Test
    void tellsOfWhatIsRefusedAndOfAdministration() throws Exception {
        try (TracedModels models = start()) {
            assertThat(models.http().post("/v2/models/none/infer", BODY).statusCode())
                    .isEqualTo(404);
            String bad = TracedModels.BODY.replace("INPUT0", "INPUT1");
            assertThat(models.http().post(TracedModels.INFER, bad).statusCode()).isEqualTo(400);
            assertThat(models.http().get("/v2/health/ready").statusCode()).isEqualTo(200);
        }

        assertThat(lines())
                .extracting(line -> text(line, "method", "target", "status", "model", "request_id"))
                .containsExactly(
                        "POST /v2/models/none/infer 404 - -",
                        "POST /v2/models/plain/infer 400 plain abc",
                        "GET /v2/health/ready 200 - -");
    }

    @Test
    void tellsOfClientsThatGoAway() throws Exception {
        try (TracedModels models = start()) {
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), models.httpPort())) {
                String head =
                        "POST "
                                + TracedModels.INFER
                                + " HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
                client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                byte[] leave = client.getInputStream().readNBytes("HTTP/1.1 100".length());
                assertThat(leave).asString(StandardCharsets.US_ASCII).isEqualTo("HTTP/1.1 100");
            }
        }

        assertThat(lines()).extracting(line -> text(line, "status", "model")).contains("499 plain");
    }

    @Test
    void tellsOfStreamedAnswers() throws Exception {
        try (TracedModels models = start()) {
            models.http()
                    .infer(
                            "/v2/models/repeat/generate_stream",
                            "{\"IN\":[7,8],\"DELAY\":[0,0],\"WAIT\":0}"
                                    .getBytes(StandardCharsets.UTF_8));
        }

        JsonNode line = lines().getFirst();
        assertThat(text(line, "status", "model")).isEqualTo("200 repeat");
        assertThat(line.get("sent_bytes").asInt()).isPositive();
    }

    @Test
    void tellsOfCallsOverGrpc() throws Exception {
        try (TracedModels models = start()) {
            ModelInferResponse _ = models.grpc().modelInfer(TracedModels.grpcRequest("plain"));
            ServerLiveResponse _ = models.grpc().serverLive(ServerLiveRequest.getDefaultInstance());
            assertThatThrownBy(() -> models.grpc().modelInfer(TracedModels.grpcRequest("none")))
                    .isInstanceOf(StatusRuntimeException.class);
        }

        String service = "inference.GRPCInferenceService/";
        assertThat(lines())
                .extracting(
                        line -> text(line, "protocol", "target", "status", "model", "request_id"))
                .containsExactly(
                        "gRPC " + service + "ModelInfer OK plain def",
                        "gRPC " + service + "ServerLive OK - -",
                        "gRPC " + service + "ModelInfer NOT_FOUND - -");
    }

    @Test
    void tellsOfEachRequestOfAStreamAndOfTheStream() throws Exception {
        try (TracedModels models = start()) {
            CompletableFuture<Void> ended = new CompletableFuture<>();
            StreamObserver<ModelInferRequest> requests =
                    GRPCInferenceServiceGrpc.newStub(models.channel())
                            .modelStreamInfer(new Ended(ended));
            requests.onNext(TracedModels.grpcRequest("plain"));
            requests.onNext(TracedModels.grpcRequest("none"));
            requests.onCompleted();
            ended.get(10, TimeUnit.SECONDS);
        }

        assertThat(lines())
                .extracting(line -> text(line, "status", "model"))
                .containsExactlyInAnyOrder("OK plain", "NOT_FOUND -", "OK -");
    }

    @Test
    void namesTheTraceOfARequest() throws Exception {
        try (TracedModels models =
                start(
                        "--trace-config=triton,file=" + repository.resolve("trace"),
                        "--trace-config=rate=2",
                        "--trace-config=level=TIMESTAMPS")) {
            models.http().infer(TracedModels.INFER, BODY);
            models.http().infer(TracedModels.INFER, BODY);
        }

        assertThat(lines()).extracting(line -> text(line, "trace_id")).containsExactly("-", "1");
    }

    /** Waits for the end of a stream. */
    private record Ended(CompletableFuture<Void> future)
            implements StreamObserver<ModelStreamInferResponse> {
        @Override
        public void onNext(ModelStreamInferResponse response) {}

        @Override
        public void onError(Throwable failure) {
            future.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            future.complete(null);
        }
    }
}
