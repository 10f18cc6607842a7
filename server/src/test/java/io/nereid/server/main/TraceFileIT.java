package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The trace files of the real server (metrics sections 10 and 11). */
final class TraceFileIT {
    private static final byte[] BODY = TracedModels.BODY.getBytes(StandardCharsets.UTF_8);
    private static final List<String> CORE =
            List.of(
                    "QUEUE_START",
                    "COMPUTE_START",
                    "COMPUTE_INPUT_END",
                    "COMPUTE_OUTPUT_START",
                    "COMPUTE_END",
                    "REQUEST_END");

    @TempDir private Path repository;
    @TempDir private Path directory;

    private TracedModels start(String... settings) throws IOException {
        List<String> flags = new ArrayList<>();
        flags.add("--trace-config=triton,file=" + directory.resolve("trace"));
        for (String setting : settings) {
            flags.add("--trace-config=" + setting);
        }
        return TracedModels.start(repository, Optional.empty(), flags.toArray(String[]::new));
    }

    /** What a file says of each trace, in order: of metadata as it is, of the rest the name. */
    private Map<Integer, List<String>> traces(String name) throws IOException {
        Map<Integer, List<String>> traces = new TreeMap<>();
        for (JsonNode object : new ObjectMapper().readTree(directory.resolve(name).toFile())) {
            traces.computeIfAbsent(object.get("id").asInt(), _ -> new ArrayList<>())
                    .add(described(object));
        }
        return traces;
    }

    private static String described(JsonNode object) {
        if (object.has("timestamps")) {
            assertThat(object.at("/timestamps/0/ns").asLong()).isPositive();
            return object.at("/timestamps/0/name").asText();
        }
        if (object.has("activity")) {
            return object.get("activity").asText() + " " + object.get("tensor");
        }
        return object.toString();
    }

    private static List<String> between(List<String> before, List<String> core, String... after) {
        return Stream.of(before, core, List.of(after)).flatMap(List::stream).toList();
    }

    @Test
    void tracesARequestOverHttp() throws Exception {
        try (TracedModels models = start("rate=1", "level=TIMESTAMPS")) {
            models.http().infer(TracedModels.INFER, BODY);
        }

        assertThat(traces("trace"))
                .isEqualTo(
                        Map.of(
                                1,
                                between(
                                        List.of(
                                                "HTTP_RECV_START",
                                                "HTTP_RECV_END",
                                                "{\"id\":1,\"model_name\":\"plain\","
                                                        + "\"model_version\":1,"
                                                        + "\"request_id\":\"abc\"}",
                                                "REQUEST_START"),
                                        CORE,
                                        "INFER_RESPONSE_COMPLETE",
                                        "HTTP_SEND_START",
                                        "HTTP_SEND_END")));
    }

    @Test
    void tracesARequestOverGrpc() throws Exception {
        try (TracedModels models = start("rate=1", "level=TIMESTAMPS")) {
            ModelInferResponse _ = models.grpc().modelInfer(TracedModels.grpcRequest("plain"));
        }

        assertThat(traces("trace").get(1))
                .isEqualTo(
                        between(
                                List.of(
                                        "GRPC_WAITREAD_START",
                                        "GRPC_WAITREAD_END",
                                        "{\"id\":1,\"model_name\":\"plain\",\"model_version\":1,"
                                                + "\"request_id\":\"def\"}",
                                        "REQUEST_START"),
                                CORE,
                                "INFER_RESPONSE_COMPLETE",
                                "GRPC_SEND_START",
                                "GRPC_SEND_END"));
    }

    @Test
    void tracesTheStepsOfAnEnsemble() throws Exception {
        try (TracedModels models = start("rate=1", "level=TIMESTAMPS")) {
            models.http().infer(TracedModels.INFER_CHAIN, BODY);
        }

        Map<Integer, List<String>> traces = traces("trace");
        assertThat(traces.get(1))
                .containsSubsequence("REQUEST_START", "QUEUE_START", "REQUEST_END")
                .doesNotContain("COMPUTE_START");
        assertThat(traces.get(2))
                .isEqualTo(
                        between(
                                List.of(
                                        "{\"id\":2,\"model_name\":\"plain\",\"model_version\":1,"
                                                + "\"request_id\":\"abc\",\"parent_id\":1}",
                                        "REQUEST_START"),
                                CORE));
        assertThat(traces.get(3))
                .contains(
                        "{\"id\":3,\"model_name\":\"second\",\"model_version\":1,"
                                + "\"request_id\":\"abc\",\"parent_id\":1}");
        assertThat(traces).hasSize(3);
    }

    @Test
    void tracesTensors() throws Exception {
        try (TracedModels models = start("rate=1", "level=TENSORS")) {
            models.http().infer(TracedModels.INFER, BODY);
        }

        assertThat(traces("trace"))
                .isEqualTo(
                        Map.of(
                                1,
                                List.of(
                                        "TENSOR_QUEUE_INPUT {\"name\":\"INPUT0\",\"data\":\"1,2\","
                                                + "\"shape\":\"1,2\",\"dtype\":\"INT32\"}",
                                        "TENSOR_BACKEND_OUTPUT {\"name\":\"OUTPUT0\","
                                                + "\"data\":\"1,2\",\"shape\":\"1,2\","
                                                + "\"dtype\":\"INT32\"}")));
    }

    @Test
    void tracesADecoupledModel() throws Exception {
        try (TracedModels models = start("rate=1", "level=TIMESTAMPS")) {
            models.http()
                    .infer(
                            "/v2/models/repeat/generate_stream",
                            "{\"IN\":[7,8],\"DELAY\":[0,0],\"WAIT\":0}"
                                    .getBytes(StandardCharsets.UTF_8));
        }

        assertThat(traces("trace").get(1))
                .containsSubsequence(between(List.of("REQUEST_START"), CORE, "HTTP_SEND_END"));
    }

    @ParameterizedTest
    @CsvSource({"6, 3", "9, 2"})
    void choosesRequestsByRate(int rate, int expected) throws Exception {
        try (TracedModels models = start("rate=" + rate, "level=TIMESTAMPS")) {
            for (int i = 0; i < 20; i++) {
                models.http().infer(TracedModels.INFER, BODY);
            }
        }

        assertThat(traces("trace")).hasSize(expected);
    }

    @Test
    void takesUpWhatClientsSet() throws Exception {
        try (TracedModels models = start("rate=1", "level=OFF")) {
            models.http().infer(TracedModels.INFER, BODY);
            models.http()
                    .infer(
                            "/v2/models/plain/trace/setting",
                            "{\"trace_level\":[\"TIMESTAMPS\"],\"trace_count\":\"2\"}"
                                    .getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 3; i++) {
                models.http().infer(TracedModels.INFER, BODY);
            }
            assertThat(TestClient.text(models.http().get("/v2/models/plain/trace/setting")))
                    .contains("\"trace_count\":\"0\"");
        }

        assertThat(traces("trace.0")).hasSize(2);
        assertThat(Files.exists(directory.resolve("trace"))).isFalse();
    }

    @Test
    void tracesWhatIsRefused() throws Exception {
        try (TracedModels models = start("rate=1", "level=TIMESTAMPS")) {
            String bad = TracedModels.BODY.replace("INPUT0", "INPUT1");
            assertThat(models.http().post(TracedModels.INFER, bad).statusCode()).isEqualTo(400);
        }

        assertThat(traces("trace").get(1))
                .containsExactly(
                        "HTTP_RECV_START", "HTTP_RECV_END", "HTTP_SEND_START", "HTTP_SEND_END");
    }
}
