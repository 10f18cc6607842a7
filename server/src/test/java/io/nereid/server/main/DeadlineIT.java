package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that say how long they wait, before a model that takes a second and a half. */
final class DeadlineIT {
    private static final String TENSORS =
            """
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            """;
    private static final String STEP =
            "{ model_name: \"slow\" model_version: -1"
                    + " input_map { key: \"INPUT0\" value: \"%s\" }"
                    + " output_map { key: \"OUTPUT0\" value: \"%s\" } }";
    private static final String REQUEST =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[1],"
                    + "\"data\":[1]}]}";

    @TempDir private Path repository;

    private NereidServer server;
    private TestClient client;

    @BeforeEach
    void start() throws IOException {
        TestServers.place(
                repository,
                "slow",
                TENSORS
                        + "backend: \"identity\""
                        + " parameters { key: \"execute_delay_ms\" value { string_value: \"1500\" } }");
        TestServers.place(
                repository,
                "chain",
                TENSORS
                        + "platform: \"ensemble\" ensemble_scheduling { step [ "
                        + STEP.formatted("INPUT0", "half")
                        + ", "
                        + STEP.formatted("half", "OUTPUT0")
                        + " ] }");
        server = NereidServer.start(TestServers.options(repository));
        client = new TestClient(server.httpPort());
    }

    @AfterEach
    void stop() {
        client.close();
        // Fails if a tensor was not given back.
        server.close();
    }

    private CompletableFuture<HttpResponse<byte[]>> ask(String model, String... headers) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return client.post("/v2/models/" + model + "/infer", REQUEST, headers);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException(e);
                    }
                },
                command -> Thread.ofVirtual().start(command));
    }

    @Test
    void areToldInTheQueueWhileTheInstanceIsBusy() throws Exception {
        CompletableFuture<HttpResponse<byte[]>> running = ask("slow");
        Watch.awaitTrue("arrival", () -> server.inFlight() == 1);

        HttpResponse<byte[]> late =
                client.post("/v2/models/slow/infer", REQUEST, "X-Request-Timeout-Ms", "100");

        assertThat(running).isNotDone();
        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(TestClient.error(late)).isEqualTo("Request timeout expired");
        assertThat(running.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(executions("slow")).isEqualTo(1);
    }

    @Test
    void areAnsweredLateRatherThanNotAtAllByWhatExecutesAlready() throws Exception {
        assertThat(ask("slow", "X-Request-Timeout-Ms", "500").get(30, TimeUnit.SECONDS))
                .extracting(HttpResponse::statusCode)
                .isEqualTo(200);
    }

    @Test
    void areToldBetweenTheStepsOfAnEnsemble() throws Exception {
        HttpResponse<byte[]> late =
                client.post("/v2/models/chain/infer", REQUEST, "X-Request-Timeout-Ms", "700");

        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(TestClient.error(late)).isEqualTo("Request timeout expired");
        assertThat(executions("slow")).isEqualTo(1);
    }

    private int executions(String model) throws IOException, InterruptedException {
        return new ObjectMapper()
                .readTree(client.get("/v2/models/" + model + "/stats").body())
                .at("/model_stats/0/execution_count")
                .asInt();
    }
}
