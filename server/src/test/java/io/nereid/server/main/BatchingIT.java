package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many clients at once on models that batch: larger batches, the same answers. */
final class BatchingIT {
    private static final int CLIENTS = 64;
    private static final int ROUNDS = 8;

    @Test
    void concurrentClientsShareBatchesAndGetTheirOwnAnswers() throws Exception {
        // The server's close fails if a tensor block was not given back.
        try (NereidServer server = NereidServer.start(TestServers.options(TestServers.examples()));
                TestClient client = new TestClient(server.httpPort());
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<String> requests = requests();
            List<String> serial = new ArrayList<>();
            for (String request : requests) {
                serial.add(outputs(client, request));
            }
            assertThat(largestBatch(client)).isEqualTo(1);

            CountDownLatch start = new CountDownLatch(CLIENTS);
            List<Future<List<String>>> answers = new ArrayList<>();
            for (String request : requests) {
                answers.add(
                        clients.submit(() -> {
                            start.countDown();
                            start.await();
                            List<String> own = new ArrayList<>();
                            for (int i = 0; i < ROUNDS; i++) {
                                own.add(outputs(client, request));
                            }
                            return own;
                        }));
            }
            for (int i = 0; i < CLIENTS; i++) {
                assertThat(answers.get(i).get()).containsOnly(serial.get(i));
            }
            assertThat(largestBatch(client)).isGreaterThan(1);
        }
    }

    /** Every request has one row, so the largest batch size is the most requests in one batch. */
    private static int largestBatch(TestClient client) throws Exception {
        JsonNode batches =
                new ObjectMapper()
                        .readTree(client.get("/v2/models/digits_cnn/stats").body())
                        .path("model_stats")
                        .path(0)
                        .path("batch_stats");
        return batches.path(batches.size() - 1).path("batch_size").asInt();
    }

    private static List<String> requests() {
        Random random = new Random(64);
        List<String> requests = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            float[] pixels = new float[64];
            for (int p = 0; p < pixels.length; p++) {
                pixels[p] = random.nextInt(17) / 16f;
            }
            requests.add(TestClient.fp32Request("image", new int[] {1, 1, 8, 8}, pixels));
        }
        return requests;
    }

    private static String outputs(TestClient client, String request) throws Exception {
        HttpResponse<byte[]> response = client.post("/v2/models/digits_cnn/infer", request);
        assertThat(response.statusCode()).as(TestClient.text(response)).isEqualTo(200);
        return TestClient.text(response);
    }
}
