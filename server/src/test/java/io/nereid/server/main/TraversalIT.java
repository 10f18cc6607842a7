package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelRepositoryParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryModelLoadRequest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No name and no path that a client sends leads out of where it belongs (repository section 7). */
final class TraversalIT {
    private static final String CONFIG =
            "{\"backend\":\"identity\",\"input\":[{\"name\":\"x\",\"data_type\":\"TYPE_FP32\",\"dims\":[1]}],"
                    + "\"output\":[{\"name\":\"x\",\"data_type\":\"TYPE_FP32\",\"dims\":[1]}]}";

    @TempDir private Path root;
    private NereidServer server;
    private TestClient http;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        Path repository = Files.createDirectory(root.resolve("models"));
        TestServers.place(root, "secret", "backend: 'identity'");
        TestServers.place(
                repository,
                "good",
                "backend: 'identity' input { name: 'x' data_type: TYPE_FP32 dims: 1 }"
                        + " output { name: 'x' data_type: TYPE_FP32 dims: 1 }");
        server = NereidServer.start(TestServers.options(repository, "good"));
        http = new TestClient(server.httpPort());
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                        .usePlaintext()
                        .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        http.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "%2e%2e", "..%2Fsecret", "%2e%2e%2fsecret", "%2Fetc", "a%2Fb"})
    void loadsNoModelFromElsewhereOverHttp(String name) throws Exception {
        HttpResponse<byte[]> loaded = http.post("/v2/repository/models/" + name + "/load", "{}");

        assertThat(loaded.statusCode()).isEqualTo(400);
        assertThat(TestClient.error(loaded))
                .startsWith("invalid model name '")
                .endsWith("', model name must not contain path traversal characters");
        requireServing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../secret", "/etc", "a/b", "models/../../secret"})
    void loadsNoModelFromElsewhereOverGrpc(String name) throws Exception {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> load(RepositoryModelLoadRequest.newBuilder().setModelName(name)))
                .satisfies(e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                    assertThat(e.getStatus().getDescription())
                            .isEqualTo(
                                    "invalid model name '"
                                            + name
                                            + "', model name must not contain path traversal"
                                            + " characters");
                });
        requireServing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../nereid-x", "/etc/nereid-x", "a/../../nereid-x", "", "a\\u0000b"})
    void writesNoFileElsewhere(String path) throws Exception {
        String body =
                "{\"parameters\":{\"config\":\""
                        + CONFIG.replace("\"", "\\\"")
                        + "\",\"file:"
                        + path
                        + "\":\"eA==\"}}";

        assertThat(TestClient.error(http.post("/v2/repository/models/m/load", body)))
                .isEqualTo("failed to load 'm', failed to poll from model repository");

        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() ->
                        load(
                                RepositoryModelLoadRequest.newBuilder()
                                        .setModelName("m")
                                        .putParameters("config", text(CONFIG))
                                        .putParameters(
                                                "file:" + path.replace("\\u0000", "\0"), bytes())))
                .satisfies(e ->
                        assertThat(e.getStatus().getDescription())
                                .isEqualTo(
                                        "failed to load 'm', failed to poll from model"
                                                + " repository"));
        assertThat(Path.of("/etc/nereid-x")).doesNotExist();
        assertThat(Path.of(System.getProperty("java.io.tmpdir"), "nereid-x")).doesNotExist();
        requireServing();
    }

    @Test
    void readsNoModelFileOfAnother() throws Exception {
        String config =
                "{\\\"platform\\\":\\\"onnxruntime_onnx\\\","
                        + "\\\"default_model_filename\\\":\\\"../../../secret/config.pbtxt\\\"}";

        HttpResponse<byte[]> loaded =
                http.post(
                        "/v2/repository/models/good/load",
                        "{\"parameters\":{\"config\":\"" + config + "\"}}");

        assertThat(loaded.statusCode()).isEqualTo(400);
        assertThat(TestClient.error(loaded)).contains("is outside model directory");
        requireServing();
    }

    private void requireServing() throws Exception {
        assertThat(http.get("/v2/models/good/ready").statusCode()).isEqualTo(200);
    }

    private void load(RepositoryModelLoadRequest.Builder request) {
        var _ =
                GRPCInferenceServiceGrpc.newBlockingStub(channel)
                        .repositoryModelLoad(request.build());
    }

    private static ModelRepositoryParameter text(String value) {
        return ModelRepositoryParameter.newBuilder().setStringParam(value).build();
    }

    private static ModelRepositoryParameter bytes() {
        return ModelRepositoryParameter.newBuilder()
                .setBytesParam(ByteString.copyFromUtf8("x"))
                .build();
    }
}
