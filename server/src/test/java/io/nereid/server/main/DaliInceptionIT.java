package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The workload Nereid began with: pictures through {@code ensemble_dali_inception} by every door,
 * compared with the expected probabilities.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DaliInceptionIT {
    private static final String SAGEMAKER_TYPE =
            "application/vnd.sagemaker-triton.binary+json;json-header-size=";
    private static final int CLASSES = 1001;

    private NereidServer server;
    private TestClient http;
    private TestClient sagemaker;

    @BeforeAll
    void start() {
        server =
                NereidServer.start(
                        TestServers.options(TestServers.examples(), "ensemble_dali_inception"));
        http = new TestClient(server.httpPort());
        sagemaker = new TestClient(server.sagemakerPort());
    }

    @AfterAll
    void stop() {
        http.close();
        sagemaker.close();
        server.close();
    }

    /** One picture: its requests and what must come out. */
    record Picture(String name, int jsonHeaderSize, int top1, double tolerance) {
        byte[] request(String suffix) throws IOException {
            return Files.readAllBytes(TestServers.resource("/dali/requests/" + name + suffix));
        }

        float[] expected() throws IOException {
            return Npy.floats(TestServers.resource("/dali/expected_repository/" + name + ".npy"));
        }
    }

    static Stream<Picture> pictures() throws IOException {
        Path cases = TestServers.resource("/dali/expected_repository/cases.json");
        JsonNode list = new ObjectMapper().readTree(cases.toFile());
        return list.valueStream()
                .map(picture ->
                        new Picture(
                                picture.get("image").asText().replaceAll("images/|\\.[a-z]+$", ""),
                                picture.get("json_header_size").asInt(),
                                picture.get("top1").asInt(),
                                picture.get("tolerance").asDouble()));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void answersJsonOverHttp(Picture picture) throws Exception {
        HttpResponse<byte[]> response =
                http.infer("/v2/models/ensemble_dali_inception/infer", picture.request(".json"));
        assertIsExpected(picture, TestClient.jsonOutput(response));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void answersBinaryOverHttp(Picture picture) throws Exception {
        HttpResponse<byte[]> response =
                http.infer(
                        "/v2/models/ensemble_dali_inception/infer",
                        picture.request(".bin"),
                        "Inference-Header-Content-Length",
                        String.valueOf(picture.jsonHeaderSize()));
        int header =
                (int)
                        response.headers()
                                .firstValueAsLong("Inference-Header-Content-Length")
                                .orElseThrow();
        assertIsExpected(picture, TestClient.floats(response.body(), header));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void answersJsonOnInvocations(Picture picture) throws Exception {
        HttpResponse<byte[]> response =
                sagemaker.infer(
                        "/invocations",
                        picture.request(".json"),
                        "Content-Type",
                        "application/octet-stream");
        assertIsExpected(picture, TestClient.jsonOutput(response));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void answersBinaryOnInvocations(Picture picture) throws Exception {
        HttpResponse<byte[]> response =
                sagemaker.infer(
                        "/invocations",
                        picture.request(".bin"),
                        "Content-Type",
                        SAGEMAKER_TYPE + picture.jsonHeaderSize());
        String type = response.headers().firstValue("Content-Type").orElseThrow();
        assertThat(type).startsWith(SAGEMAKER_TYPE);
        int header = Integer.parseInt(type.substring(SAGEMAKER_TYPE.length()));
        assertIsExpected(picture, TestClient.floats(response.body(), header));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void answersOverGrpc(Picture picture) throws Exception {
        byte[] request = picture.request(".bin");
        byte[] image = Arrays.copyOfRange(request, picture.jsonHeaderSize(), request.length);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                        .usePlaintext()
                        .build();
        try {
            GrpcServiceProto.ModelInferResponse response =
                    GRPCInferenceServiceGrpc.newBlockingStub(channel)
                            .modelInfer(
                                    GrpcServiceProto.ModelInferRequest.newBuilder()
                                            .setModelName("ensemble_dali_inception")
                                            .addInputs(
                                                    GrpcServiceProto.ModelInferRequest
                                                            .InferInputTensor.newBuilder()
                                                            .setName("INPUT")
                                                            .setDatatype("UINT8")
                                                            .addShape(1)
                                                            .addShape(image.length))
                                            .addRawInputContents(ByteString.copyFrom(image))
                                            .build());
            assertThat(response.getOutputs(0).getShapeList()).containsExactly(1L, (long) CLASSES);
            assertIsExpected(
                    picture, TestClient.floats(response.getRawOutputContents(0).toByteArray(), 0));
        } finally {
            channel.shutdownNow();
        }
    }

    private static void assertIsExpected(Picture picture, float[] found) throws IOException {
        assertThat(found).hasSize(CLASSES);
        assertThat(found).containsExactly(picture.expected(), within((float) picture.tolerance()));
        int best = 0;
        for (int i = 1; i < found.length; i++) {
            best = found[i] > found[best] ? i : best;
        }
        assertThat(best).isEqualTo(picture.top1());
    }
}
