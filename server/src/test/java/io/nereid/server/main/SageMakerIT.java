package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.server.ServerOptions;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * SageMaker section 12, checks taken from the reference's test suite, and the rows of section 11
 * whose models run here, on the real server. The blog's single ensemble is in {@link
 * DaliInceptionIT}, the checks of the {@code serve} script in {@code ServeScriptTest}.
 */
final class SageMakerIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String BINARY =
            "application/vnd.sagemaker-triton.binary+json;json-header-size=";
    private static final String TARGET = "X-Amzn-SageMaker-Target-Model";

    private static final String SM_MODEL =
            """
            backend: "onnxruntime"
            max_batch_size: 8
            """;

    @TempDir private Path scratch;

    // ------------------------------------------------------------------ a single model

    private static ServerOptions options(
            Path repository, Map<String, String> environment, String... flags) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--model-repository=" + repository,
                                "--model-control-mode=explicit",
                                "--allow-sagemaker=true",
                                "--sagemaker-port=0",
                                "--allow-http=false",
                                "--allow-grpc=false",
                                "--allow-metrics=false"));
        all.addAll(List.of(flags));
        return TestServers.commandLine(environment, all);
    }

    private NereidServer startSingle(String... flags) throws IOException {
        Path repository = Files.createDirectories(scratch.resolve("model"));
        if (!Files.exists(repository.resolve("sm_model"))) {
            makeSmModel(repository.resolve("sm_model"));
        }
        List<String> all = new ArrayList<>(List.of("--load-model=sm_model"));
        all.addAll(List.of(flags));
        return NereidServer.start(
                options(
                        repository,
                        Map.of("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME", "sm_model"),
                        all.toArray(String[]::new)));
    }

    /** Two INT32 inputs [1,16], their sum and difference. */
    private static void makeSmModel(Path directory) throws IOException {
        copy(
                TestServers.resource("/conformance/repository/add_sub/1/model.onnx"),
                directory.resolve("1/model.onnx"));
        Files.writeString(directory.resolve("config.pbtxt"), SM_MODEL);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static final String JSON_REQUEST =
            """
            {"inputs":[
              {"name":"INPUT0","datatype":"INT32","shape":[1,16],
               "data":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]},
              {"name":"INPUT1","datatype":"INT32","shape":[1,16],
               "data":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}
            """;

    private static final String BINARY_HEADER =
            """
            {"inputs":[
              {"name":"INPUT0","datatype":"INT32","shape":[1,16],
               "parameters":{"binary_data_size":64}},
              {"name":"INPUT1","datatype":"INT32","shape":[1,16],
               "parameters":{"binary_data_size":64}}],
             "outputs":[{"name":"OUTPUT0","parameters":{"binary_data":true}}]}
            """;

    private static byte[] binaryRequest() {
        byte[] header = BINARY_HEADER.getBytes(StandardCharsets.UTF_8);
        ByteBuffer body =
                ByteBuffer.allocate(header.length + 128).order(ByteOrder.LITTLE_ENDIAN).put(header);
        for (int i = 0; i < 16; i++) {
            body.putInt(i);
        }
        for (int i = 0; i < 16; i++) {
            body.putInt(1);
        }
        return body.array();
    }

    private static void assertSums(HttpResponse<byte[]> answer) throws IOException {
        assertThat(answer.statusCode()).as(TestClient.text(answer)).isEqualTo(200);
        JsonNode sums = MAPPER.readTree(answer.body()).at("/outputs/0/data");
        List<Integer> expected = new ArrayList<>();
        for (int i = 1; i <= 16; i++) {
            expected.add(i);
        }
        assertThat(sums.valueStream().map(JsonNode::asInt)).isEqualTo(expected);
    }

    private static void assertBinarySums(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).as(TestClient.text(answer)).isEqualTo(200);
        String type = answer.headers().firstValue("Content-Type").orElseThrow();
        assertThat(type).startsWith(BINARY);
        int header = Integer.parseInt(type.substring(BINARY.length()));
        ByteBuffer sums =
                ByteBuffer.wrap(answer.body(), header, answer.body().length - header)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 1; i <= 16; i++) {
            assertThat(sums.getInt()).isEqualTo(i);
        }
        assertThat(sums.hasRemaining()).isFalse();
    }

    @Test
    void answersJsonAndBinary() throws Exception {
        try (NereidServer server = startSingle();
                TestClient client = new TestClient(server.sagemakerPort())) {
            assertThat(client.get("/ping").statusCode()).isEqualTo(200);
            assertSums(client.post("/invocations", JSON_REQUEST));
            assertBinarySums(
                    client.post(
                            "/invocations",
                            binaryRequest(),
                            "Content-Type",
                            BINARY + BINARY_HEADER.length()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-" + BINARY + "20",
                BINARY + "abc",
                BINARY + "-3",
                BINARY + "100000",
                BINARY + "9999999999999"
            })
    void staysHealthyWhateverTheContentTypeSays(String contentType) throws Exception {
        try (NereidServer server = startSingle();
                TestClient client = new TestClient(server.sagemakerPort())) {
            assertThat(
                            client.post(
                                            "/invocations",
                                            binaryRequest(),
                                            "Content-Type",
                                            contentType)
                                    .statusCode())
                    .isEqualTo(400);
            assertThat(client.get("/ping").statusCode()).isEqualTo(200);
            assertSums(client.post("/invocations", JSON_REQUEST));
        }
    }

    @Test
    void wantsOtherServicesInTheSafeRange() {
        assertThatThrownBy(() ->
                        options(
                                scratch,
                                Map.of(),
                                "--sagemaker-safe-port-range=8081-9000",
                                "--allow-http=true",
                                "--http-port=8000"))
                .isInstanceOf(CommandLine.ParameterException.class)
                .hasMessageContaining(
                        "The server cannot listen to HTTP requests at port 8000, allowed port range"
                                + " is [8081, 9000]");
        assertThat(
                        options(scratch, Map.of(), "--sagemaker-safe-port-range=8081-9000")
                                .sagemaker()
                                .allow())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "generate, application/json, '{\"', '\"text_output\":\"hello\"'",
        "generate_stream, text/event-stream, 'data: {', '\"text_output\":\"hello\"'"
    })
    void generates(String type, String contentType, String start, String part) throws Exception {
        ServerOptions options =
                options(
                        TestServers.home().resolve("examples/protocol"),
                        Map.of(
                                "SAGEMAKER_TRITON_DEFAULT_MODEL_NAME",
                                "prompt",
                                "SAGEMAKER_TRITON_INFERENCE_TYPE",
                                type),
                        "--load-model=prompt");
        try (NereidServer server = NereidServer.start(options);
                TestClient client = new TestClient(server.sagemakerPort())) {
            HttpResponse<byte[]> answer = client.post("/invocations", "{\"text_input\":\"hello\"}");
            assertThat(answer.statusCode()).as(TestClient.text(answer)).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith(contentType);
            assertThat(TestClient.text(answer)).startsWith(start).contains(part);
        }
    }

    @Test
    void keepsRestrictedEndpointsForThoseWithTheHeader() throws Exception {
        try (NereidServer server =
                        startSingle("--http-restricted-api=model-repository:X-SM-Auth=secret");
                TestClient client = new TestClient(server.sagemakerPort())) {
            assertThat(client.get("/models").statusCode()).isEqualTo(403);
            assertThat(client.get("/models/m").statusCode()).isEqualTo(403);
            assertThat(client.post("/models", "{}").statusCode()).isEqualTo(403);
            assertThat(client.post("/models", "{}", "X-SM-Auth", "secret").statusCode())
                    .isEqualTo(400);
            assertThat(client.get("/ping").statusCode()).isEqualTo(200);
            assertSums(client.post("/invocations", JSON_REQUEST));
        }
        try (NereidServer server = startSingle("--http-restricted-api=inference:X-Auth=secret");
                TestClient client = new TestClient(server.sagemakerPort())) {
            assertThat(client.post("/invocations", JSON_REQUEST).statusCode()).isEqualTo(403);
            assertSums(client.post("/invocations", JSON_REQUEST, "X-Auth", "secret"));
        }
    }

    @Test
    void refusesBodiesAboveTheLimit() throws Exception {
        try (NereidServer server = startSingle("--http-max-input-size=128");
                TestClient client = new TestClient(server.sagemakerPort())) {
            assertThat(client.post("/invocations", "{\"inputs\":[]}").body())
                    .asString(StandardCharsets.UTF_8)
                    .doesNotContain("exceeds");
            HttpResponse<byte[]> answer = client.post("/invocations", JSON_REQUEST);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(TestClient.error(answer))
                    .contains("exceeds the maximum allowed input size of 128 bytes");
        }
    }

    // ------------------------------------------------------------------ several models

    private NereidServer startMulti() throws IOException {
        Path empty = Files.createDirectories(scratch.resolve("empty"));
        ServerOptions options = options(empty, Map.of(), "--model-namespacing=true");
        ServerOptions.SageMaker sagemaker = options.sagemaker();
        return NereidServer.start(
                new ServerOptions(
                        options.general(),
                        options.repository(),
                        options.http(),
                        options.grpc(),
                        new ServerOptions.SageMaker(
                                true,
                                0,
                                sagemaker.safePortRange(),
                                sagemaker.defaultModel(),
                                sagemaker.inferenceType(),
                                "live",
                                scratch.resolve("models")),
                        options.vertex(),
                        options.metrics(),
                        options.trace(),
                        options.backends(),
                        options.stores(),
                        options.instances(),
                        options.cache()));
    }

    /** Where the platform unpacks the archive of a hash. */
    private Path archive(String hash) {
        return scratch.resolve("models").resolve(hash).resolve("model");
    }

    private HttpResponse<byte[]> load(TestClient client, String hash, String... target)
            throws IOException, InterruptedException {
        return client.post(
                "/models",
                "{\"model_name\":\"" + hash + "\",\"url\":\"" + archive(hash) + "\"}",
                headers(target));
    }

    private static String[] headers(String... target) {
        return target.length == 0 ? target : new String[] {TARGET, target[0]};
    }

    @Test
    void loadsListsInvokesAndUnloads() throws Exception {
        makeSmModel(archive("one").resolve("sm_model"));
        makeSmModel(archive("two").resolve("sm_model"));
        try (NereidServer server = startMulti();
                TestClient client = new TestClient(server.sagemakerPort())) {
            assertThat(client.get("/ping").statusCode()).isEqualTo(200);
            HttpResponse<byte[]> first = load(client, "one");
            assertThat(first.statusCode()).as(TestClient.text(first)).isEqualTo(200);
            assertThat(load(client, "two").statusCode()).isEqualTo(200);
            assertThat(load(client, "one").statusCode()).isEqualTo(409);

            assertThat(TestClient.text(client.get("/models")))
                    .contains(entry("one"))
                    .contains(entry("two"));
            assertThat(TestClient.text(client.get("/models/one"))).isEqualTo(entry("one"));
            assertSums(client.post("/models/one/invoke", JSON_REQUEST));
            assertBinarySums(
                    client.post(
                            "/models/two/invoke",
                            binaryRequest(),
                            "Content-Type",
                            BINARY + BINARY_HEADER.length()));

            assertThat(client.delete("/models/one").statusCode()).isEqualTo(200);
            assertThat(client.delete("/models/one").statusCode()).isEqualTo(404);
            assertThat(client.post("/models/one/invoke", JSON_REQUEST).statusCode()).isEqualTo(404);
            assertThat(TestClient.text(client.get("/models")))
                    .isEqualTo("{\"models\":[" + entry("two") + "]}");
            assertThat(load(client, "one").statusCode()).isEqualTo(200);
            assertSums(client.post("/models/one/invoke", JSON_REQUEST));
        }
    }

    private String entry(String hash) {
        return "{\"modelName\":\"" + hash + "\",\"modelUrl\":\"" + archive(hash) + "\"}";
    }

    @Test
    void takes65536ChunksAndNoMore() throws Exception {
        try (NereidServer server = startMulti();
                TestClient client = new TestClient(server.sagemakerPort())) {
            HttpResponse<byte[]> most = client.postInChunks("/models", 65_536);
            assertThat(most.statusCode()).isEqualTo(400);
            assertThat(TestClient.error(most)).startsWith("failed to parse the request JSON");
            HttpResponse<byte[]> more = client.postInChunks("/models", 65_537);
            assertThat(more.statusCode()).isEqualTo(400);
            assertThat(TestClient.error(more))
                    .isEqualTo(
                            "Chunked request body exceeds maximum of 65536 non-empty chunks. Send"
                                    + " fewer or larger HTTP chunks.");
        }
    }

    /** Row sm-triton_mme_gpu_ensemble_dali: two archives with the same names inside. */
    @Test
    void keepsTheNamesOfTwoArchivesApart() throws Exception {
        for (String hash : List.of("a1", "b2")) {
            for (String model : List.of("dali", "inception_graphdef", "ensemble_dali_inception")) {
                copy(TestServers.examples().resolve(model), archive(hash).resolve(model));
            }
        }
        byte[] picture = Files.readAllBytes(TestServers.resource("/dali/requests/01_odd_420.json"));
        try (NereidServer server = startMulti();
                TestClient client = new TestClient(server.sagemakerPort())) {
            HttpResponse<byte[]> first = load(client, "a1", "model_tf_dali.tar.gz");
            assertThat(first.statusCode()).as(TestClient.text(first)).isEqualTo(200);
            HttpResponse<byte[]> second = load(client, "b2", "model-tf-dali-2.tar.gz");
            assertThat(second.statusCode()).as(TestClient.text(second)).isEqualTo(200);

            HttpResponse<byte[]> one =
                    client.infer("/models/a1/invoke", picture, TARGET, "model_tf_dali.tar.gz");
            HttpResponse<byte[]> other =
                    client.infer("/models/b2/invoke", picture, TARGET, "model-tf-dali-2.tar.gz");
            assertThat(TestClient.jsonOutput(one)).isEqualTo(TestClient.jsonOutput(other));
            assertThat(MAPPER.readTree(one.body()).get("model_name").asText())
                    .isEqualTo("model_tf_dali.tar.gz");

            assertThat(client.delete("/models/a1").statusCode()).isEqualTo(200);
            client.infer("/models/b2/invoke", picture, TARGET, "model-tf-dali-2.tar.gz");
        }
    }

    /**
     * Rows of TensorFlow SavedModels and of ONNX, with target names as their notebooks have them.
     */
    @ParameterizedTest
    @CsvSource({
        "resnet_tf_v0.tar.gz, tensorflow, '8, 8, 1'",
        "resnet_onnx-v0.tar.gz, onnxruntime, '1, 8, 8'"
    })
    void servesTheModelOfAnArchive(String target, String backend, String dims) throws Exception {
        Path model = archive("h").resolve("resnet");
        if (backend.equals("tensorflow")) {
            copy(
                    TestServers.resource("/models/digits_cnn.savedmodel"),
                    model.resolve("1/model.savedmodel"));
        } else {
            copy(
                    TestServers.examples().resolve("digits_cnn/1/model.onnx"),
                    model.resolve("1/model.onnx"));
        }
        Files.writeString(
                model.resolve("config.pbtxt"),
                """
                name: "resnet"
                backend: "%s"
                max_batch_size: 8
                input [ { name: "image" data_type: TYPE_FP32 dims: [ %s ] } ]
                output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] } ]
                """
                        .formatted(backend, dims));
        int[] shape =
                Arrays.stream(("1, " + dims).split(", ")).mapToInt(Integer::parseInt).toArray();
        String request = TestClient.fp32Request("image", shape, new float[64]);
        try (NereidServer server = startMulti();
                TestClient client = new TestClient(server.sagemakerPort())) {
            HttpResponse<byte[]> loaded = load(client, "h", target);
            assertThat(loaded.statusCode()).as(TestClient.text(loaded)).isEqualTo(200);
            HttpResponse<byte[]> answer =
                    client.infer(
                            "/models/h/invoke",
                            request.getBytes(StandardCharsets.UTF_8),
                            "Content-Type",
                            "application/octet-stream",
                            TARGET,
                            target);
            assertThat(TestClient.jsonOutput(answer)).hasSize(10);
            assertThat(TestClient.text(answer)).contains("\"model_name\":\"" + target + "\"");
        }
    }
}
