package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that give up while the only instance is busy: their requests are gone before it is free.
 */
final class CancellationIT {
    private static final String TENSORS =
            """
            max_batch_size: 4
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            """;
    private static final String REQUEST =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[1,1],"
                    + "\"data\":[1]}]}";

    @TempDir private Path repository;

    private NereidServer server;
    private TestClient client;

    @BeforeEach
    void start() throws IOException {
        String busy =
                TENSORS
                        + "backend: \"identity\""
                        + " parameters { key: \"execute_delay_ms\" value { string_value: \"1500\" } }";
        TestServers.place(repository, "direct", busy);
        TestServers.place(
                repository,
                "batching",
                busy
                        + "dynamic_batching { default_queue_policy {"
                        + " default_timeout_microseconds: 100000 } }");
        TestServers.place(
                repository,
                "chain",
                TENSORS
                        + "platform: \"ensemble\" ensemble_scheduling { step [ "
                        + "{ model_name: \"direct\" model_version: -1"
                        + " input_map { key: \"INPUT0\" value: \"INPUT0\" }"
                        + " output_map { key: \"OUTPUT0\" value: \"OUTPUT0\" } } ] }");
        TestServers.place(repository, "repeat", TestServers.REPEAT);
        server = NereidServer.start(TestServers.options(repository));
        client = new TestClient(server.httpPort());
    }

    @AfterEach
    void stop() {
        client.close();
        // Fails if a tensor was not given back.
        server.close();
    }

    @Test
    void reachesTheStepOfAnEnsembleThatWaits() throws Exception {
        CompletableFuture<Integer> running = keepBusy("direct");
        try (Socket _ = post("/v2/models/chain/infer", REQUEST)) {
            Watch.awaitTrue("arrival", () -> server.inFlight() == 2);
        }

        awaitFailures("direct", 1);
        awaitFailures("chain", 2);
        assertThat(running).isNotDone();
        assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(200);
    }

    @Test
    void rejectsWhatHasWaitedTooLongWhileTheInstanceIsBusy() throws Exception {
        CompletableFuture<Integer> running = keepBusy("batching");
        HttpResponse<byte[]> late = client.post("/v2/models/batching/infer", REQUEST);

        assertThat(running).isNotDone();
        assertThat(late.statusCode()).isEqualTo(503);
        assertThat(TestClient.error(late)).isEqualTo("Request timeout expired");
        awaitFailures("batching", 1);
        assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(200);
    }

    @Test
    void endsADecoupledRequestInMidStream() throws Exception {
        try (Socket socket =
                post(
                        "/v2/models/repeat/generate_stream",
                        "{\"IN\":[7,8],\"DELAY\":[0,3600000],\"WAIT\":0}")) {
            BufferedReader reply =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = reply.readLine();
            while (!line.startsWith("data: ")) {
                line = reply.readLine();
            }
            assertThat(line).contains("\"OUT\":7");
        }
        awaitFailures("repeat", 1);
        JsonNode responses = stats("repeat").at("/response_stats");
        assertThat(responses.size()).isEqualTo(2);
        assertThat(responses.at("/0/success/count").asInt()).isEqualTo(1);
        assertThat(responses.at("/1/cancel/count").asInt()).isEqualTo(1);
        assertThat(stats("repeat").at("/execution_count").asInt()).isZero();
    }

    /** Sends a request that keeps the instance busy, and waits until it does. */
    private CompletableFuture<Integer> keepBusy(String model) {
        CompletableFuture<Integer> status =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return client.post("/v2/models/" + model + "/infer", REQUEST).statusCode();
                    } catch (IOException | InterruptedException e) {
                        throw new CompletionException(e);
                    }
                });
        Watch.awaitTrue("execution", () -> Watch.isExecuting(model));
        return status;
    }

    /** A request whose answer nobody has read yet. */
    private Socket post(String path, String body) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.httpPort());
        socket.setSoTimeout(30_000);
        String head =
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: here\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n";
        socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void awaitFailures(String model, int count) {
        Watch.awaitTrue(
                count + " failures of " + model,
                () -> stats(model).at("/inference_stats/fail/count").asInt() == count);
    }

    private JsonNode stats(String model) {
        try {
            return new ObjectMapper()
                    .readTree(client.get("/v2/models/" + model + "/stats").body())
                    .at("/model_stats/0");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
