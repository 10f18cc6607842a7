package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the statistics of the real server say after its answers. */
final class StatisticsIT {
    private static final String TENSORS =
            """
            max_batch_size: 4
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 2 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 2 ] } ]
            """;
    private static final String STEP =
            "{ model_name: \"%s\" model_version: -1 input_map { key: \"INPUT0\" value: \"%s\" }"
                    + " output_map { key: \"OUTPUT0\" value: \"%s\" } }";
    private static final String TWO_ROWS =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[2,2],"
                    + "\"data\":[1,2,3,4]}]}";
    private static final long STEP_NANOS = 2_000_000;

    @TempDir private Path repository;

    private NereidServer server;
    private TestClient client;

    @BeforeEach
    void start() throws IOException {
        TestServers.place(
                repository,
                "slow",
                TENSORS
                        + "backend: \"identity\" dynamic_batching { }"
                        + " parameters { key: \"execute_delay_ms\" value { string_value: \"2\" } }");
        TestServers.place(repository, "quick", TENSORS + "backend: \"identity\"");
        TestServers.place(
                repository,
                "chain",
                TENSORS
                        + "platform: \"ensemble\" ensemble_scheduling { step [ "
                        + STEP.formatted("slow", "INPUT0", "t")
                        + ", "
                        + STEP.formatted("quick", "t", "OUTPUT0")
                        + " ] }");
        TestServers.place(repository, "repeat", TestServers.REPEAT);
        server = NereidServer.start(TestServers.options(repository));
        client = new TestClient(server.httpPort());
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void countsARequestBeforeItsAnswerIsThere() throws Exception {
        for (int n = 1; n <= 20; n++) {
            client.infer("/v2/models/quick/infer", TWO_ROWS.getBytes(StandardCharsets.UTF_8));
            JsonNode stats = stats("quick");
            assertThat(stats.at("/inference_stats/success/count").asInt()).isEqualTo(n);
            assertThat(stats.at("/inference_count").asInt()).isEqualTo(2 * n);
            assertThat(stats.at("/execution_count").asInt()).isEqualTo(n);
        }
    }

    @Test
    void tellsWhatTheTimeWentTo() throws Exception {
        client.infer("/v2/models/slow/infer", TWO_ROWS.getBytes(StandardCharsets.UTF_8));

        JsonNode stats = stats("slow");
        long infer = stats.at("/inference_stats/compute_infer/ns").asLong();
        assertThat(infer).isGreaterThanOrEqualTo(STEP_NANOS);
        assertThat(stats.at("/inference_stats/compute_output/ns").asLong()).isPositive();
        assertThat(stats.at("/inference_stats/success/ns").asLong()).isGreaterThan(infer);
        assertThat(stats.at("/batch_stats/0/batch_size").asInt()).isEqualTo(2);
        assertThat(stats.at("/batch_stats/0/compute_infer/ns").asLong()).isEqualTo(infer);
        assertThat(stats.at("/last_inference").asLong()).isPositive();
        assertThat(stats.at("/response_stats")).isEmpty();
    }

    @Test
    void countsEnsemblesAndTheirSteps() throws Exception {
        client.infer("/v2/models/chain/infer", TWO_ROWS.getBytes(StandardCharsets.UTF_8));

        JsonNode chain = stats("chain");
        for (String model : new String[] {"chain", "slow", "quick"}) {
            JsonNode stats = stats(model);
            assertThat(stats.at("/inference_stats/success/count").asInt()).isEqualTo(1);
            assertThat(stats.at("/inference_count").asInt()).isEqualTo(2);
            assertThat(stats.at("/execution_count").asInt()).isEqualTo(1);
            assertThat(stats.at("/batch_stats/0/batch_size").asInt()).isEqualTo(2);
        }
        for (String phase : new String[] {"compute_input", "compute_infer", "compute_output"}) {
            String place = "/inference_stats/" + phase + "/ns";
            assertThat(chain.at(place).asLong())
                    .as(phase)
                    .isEqualTo(
                            stats("slow").at(place).asLong() + stats("quick").at(place).asLong());
        }
    }

    @Test
    void tellsWhatTheTimeOfAnEnsembleWentTo() throws Exception {
        assertThat(stats("chain").has("ensemble_stats")).isFalse();
        client.infer("/v2/models/chain/infer", TWO_ROWS.getBytes(StandardCharsets.UTF_8));

        JsonNode steps = stats("chain").at("/ensemble_stats/steps");
        assertThat(steps).hasSize(2);
        assertThat(steps.at("/0/model").asText()).isEqualTo("slow");
        assertThat(steps.at("/0/compute_infer/ns").asLong())
                .isEqualTo(stats("slow").at("/inference_stats/compute_infer/ns").asLong());
        assertThat(steps.at("/0/queue/ns").asLong())
                .isEqualTo(stats("slow").at("/inference_stats/queue/ns").asLong());
        assertThat(steps.at("/0/total/ns").asLong()).isGreaterThanOrEqualTo(STEP_NANOS);
        assertThat(steps.at("/1/model").asText()).isEqualTo("quick");
        assertThat(steps.at("/1/total/count").asInt()).isEqualTo(1);
        assertThat(stats("slow").has("ensemble_stats")).isFalse();
    }

    @Test
    void answersWithTheTimingOfStepsIfARequestAsks() throws Exception {
        String timed = TWO_ROWS.replaceFirst("[{]", "{\"parameters\":{\"nereid_timing\":true},");
        String answer =
                TestClient.text(
                        client.infer(
                                "/v2/models/chain/infer", timed.getBytes(StandardCharsets.UTF_8)));

        JsonNode timing =
                new ObjectMapper()
                        .readTree(
                                new ObjectMapper()
                                        .readTree(answer)
                                        .at("/parameters/nereid_timing")
                                        .asText());
        assertThat(timing.at("/steps")).hasSize(2);
        assertThat(timing.at("/steps/0/compute_infer_us").asLong())
                .isGreaterThanOrEqualTo(STEP_NANOS / 1000);
        assertThat(timing.at("/steps/1/start_us").asLong())
                .isGreaterThanOrEqualTo(timing.at("/steps/0/compute_infer_us").asLong());
        assertThat(timing.at("/total_us").asLong())
                .isGreaterThanOrEqualTo(timing.at("/steps/0/total_us").asLong());
    }

    @Test
    void countsNothingThatIsRefusedAtTheDoor() throws Exception {
        String bad = TWO_ROWS.replace("INPUT0", "INPUT1");
        assertThat(client.post("/v2/models/quick/infer", bad).statusCode()).isEqualTo(400);

        JsonNode stats = stats("quick");
        assertThat(stats.at("/inference_stats/fail/count").asInt()).isZero();
        assertThat(stats.at("/inference_stats/success/count").asInt()).isZero();
    }

    @Test
    void tellsResponsesOfDecoupledModelsByTheirPosition() throws Exception {
        client.infer(
                "/v2/models/repeat/generate_stream",
                "{\"IN\":[7,8],\"DELAY\":[1,2],\"WAIT\":0}".getBytes(StandardCharsets.UTF_8));

        JsonNode stats = stats("repeat");
        assertThat(stats.at("/inference_stats/success/count").asInt()).isEqualTo(1);
        assertThat(stats.at("/execution_count").asInt()).isEqualTo(1);
        JsonNode responses = stats.at("/response_stats");
        assertThat(responses.size()).isEqualTo(3);
        assertThat(responses.at("/0/success/count").asInt()).isEqualTo(1);
        assertThat(responses.at("/1/success/count").asInt()).isEqualTo(1);
        assertThat(responses.at("/1/compute_infer/ns").asLong())
                .isGreaterThanOrEqualTo(STEP_NANOS / 2);
        assertThat(responses.at("/2/success/count").asInt()).isZero();
        assertThat(responses.at("/2/empty_response/count").asInt()).isEqualTo(1);
    }

    private JsonNode stats(String model) throws Exception {
        return new ObjectMapper()
                .readTree(client.get("/v2/models/" + model + "/stats").body())
                .at("/model_stats/0");
    }
}
