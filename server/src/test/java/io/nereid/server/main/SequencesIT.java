package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sequences in real models, whose graph adds each number to a state: by both strategies, and more
 * of them than there are slots.
 */
final class SequencesIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int CLIENTS = 12;
    private static final int SEQUENCES = 15;

    @TempDir private Path repository;

    private NereidServer server;
    private TestClient client;

    @BeforeEach
    void start() throws IOException {
        for (String model : List.of("seq_direct", "seq_oldest", "seq_str")) {
            copy(TestServers.resource("/conformance/repository/" + model), model);
        }
        Path hasty = copy(TestServers.resource("/conformance/repository/seq_direct"), "hasty");
        String config = Files.readString(hasty.resolve("config.pbtxt"));
        Files.writeString(
                hasty.resolve("config.pbtxt"),
                config.replace(
                        "max_sequence_idle_microseconds: 5000000",
                        "max_sequence_idle_microseconds: 20000"));
        server = NereidServer.start(TestServers.options(repository));
        client = new TestClient(server.httpPort());
    }

    private Path copy(Path source, String model) throws IOException {
        Path target = repository.resolve(model);
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(source.relativize(file).toString()));
            }
        }
        return target;
    }

    @AfterEach
    void stop() {
        client.close();
        // Fails if a tensor was not given back.
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"seq_direct", "seq_oldest", "seq_str"})
    void keepsTheSumsOfManySequencesApart(String model) throws Exception {
        List<Callable<Integer>> clients = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            int number = c;
            clients.add(() -> askInTurn(model, number));
        }
        int requests = 0;
        try (ExecutorService executor = Executors.newFixedThreadPool(CLIENTS)) {
            for (Future<Integer> asked : executor.invokeAll(clients)) {
                requests += asked.get();
            }
        }

        JsonNode stats = stats(model);
        assertThat(stats.at("/inference_count").asInt()).isEqualTo(requests);
        assertThat(stats.at("/inference_stats/fail/count").asInt()).isZero();
    }

    /** Sends sequences one after the other; the number of requests. */
    private int askInTurn(String model, int number) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(number);
        int requests = 0;
        for (int s = 0; s < SEQUENCES; s++) {
            String id = String.valueOf(1 + number * SEQUENCES + s);
            int length = 1 + random.nextInt(5);
            int sum = 0;
            for (int i = 0; i < length; i++) {
                int value = random.nextInt(100);
                sum += value;
                boolean start = i == 0;
                boolean end = i == length - 1;
                JsonNode outputs = outputs(model, id, value, start, end);
                assertThat(outputs.get("OUT").asInt()).isEqualTo(sum);
                assertThat(outputs.get("CORR_OUT").asText()).isEqualTo(id);
                requests++;
            }
        }
        return requests;
    }

    private JsonNode outputs(String model, String id, int value, boolean start, boolean end)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> reply = send(model, id, value, start, end);
        assertThat(reply.statusCode()).as(() -> TestClient.text(reply)).isEqualTo(200);
        var byName = MAPPER.createObjectNode();
        for (JsonNode output : MAPPER.readTree(reply.body()).get("outputs")) {
            byName.set(output.get("name").asText(), output.at("/data/0"));
        }
        return byName;
    }

    private HttpResponse<byte[]> send(
            String model, String id, int value, boolean start, boolean end)
            throws IOException, InterruptedException {
        return client.post(
                "/v2/models/" + model + "/infer",
                """
                {"inputs":[{"name":"IN","datatype":"INT32","shape":[1,1],"data":[%d]}],
                 "parameters":{"sequence_id":%s,"sequence_start":%s,"sequence_end":%s}}
                """
                        .formatted(
                                value,
                                model.equals("seq_str") ? "\"" + id + "\"" : id,
                                start,
                                end));
    }

    private JsonNode stats(String model) throws IOException, InterruptedException {
        return MAPPER.readTree(client.get("/v2/models/" + model + "/stats").body())
                .at("/model_stats/0");
    }

    @Test
    void takesSlotsBackFromClientsThatNeverEnd() throws Exception {
        for (int id = 1; id <= 40; id++) {
            assertThat(outputs("hasty", String.valueOf(id), id, true, false).get("OUT").asInt())
                    .isEqualTo(id);
        }
        assertThat(outputs("hasty", "41", 7, true, true).get("OUT").asInt()).isEqualTo(7);

        HttpResponse<byte[]> late = send("hasty", "1", 1, false, false);
        assertThat(late.statusCode()).isEqualTo(400);
        assertThat(TestClient.error(late))
                .isEqualTo(
                        "inference request for sequence 1 to model 'hasty' must specify the START"
                                + " flag on the first request of the sequence");
    }
}
