package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Batch;
import io.nereid.backend.ExecutionListener;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Many clients at once on models that batch: larger batches, the same answers. */
final class BatchingIT {
    private static final int CLIENTS = 64;
    private static final int ROUNDS = 8;

    /** Counts executed batches by their number of requests, for each model. */
    private static final class BatchSizes implements ExecutionListener {
        final Map<String, Map<Integer, LongAdder>> counts = new ConcurrentHashMap<>();

        @Override
        public void executed(Batch batch, long nanos) {
            counts.computeIfAbsent(batch.config().name(), model -> new ConcurrentHashMap<>())
                    .computeIfAbsent(batch.size(), size -> new LongAdder())
                    .increment();
        }

        int largest(String model) {
            return counts.getOrDefault(model, Map.of()).keySet().stream()
                    .mapToInt(Integer::intValue)
                    .max()
                    .orElse(0);
        }
    }

    @Test
    void concurrentClientsShareBatchesAndGetTheirOwnAnswers() throws Exception {
        BatchSizes sizes = new BatchSizes();
        // The server's close fails if a tensor block was not given back.
        try (NereidServer server =
                        NereidServer.start(TestServers.options(TestServers.examples()), sizes);
                TestClient client = new TestClient(server.httpPort());
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<String> requests = requests();
            List<String> serial = new ArrayList<>();
            for (String request : requests) {
                serial.add(outputs(client, request));
            }
            assertThat(sizes.largest("digits_cnn")).isEqualTo(1);

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
            assertThat(sizes.largest("digits_cnn")).isGreaterThan(1);
        }
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
