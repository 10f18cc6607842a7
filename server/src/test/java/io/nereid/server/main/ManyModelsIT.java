package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand tiny models in memory for a hundred: all are answered, the budget holds. */
final class ManyModelsIT {
    private static final int MODELS = 1000;
    private static final int ROOM = 100;
    private static final int CLIENTS = 16;
    private static final int REQUESTS = 4000;
    private static final int WEIGHTS = 1 << 14;

    @TempDir private Path repository;

    @Test
    void allAreAnsweredAndTheBudgetHolds() throws Exception {
        for (int i = 0; i < MODELS; i++) {
            TinyOnnx.place(repository.resolve("m" + i), i + 1, WEIGHTS);
        }
        long size = sizeOfOne();
        long budget = ROOM * size;
        try (ServerProcess server =
                        ServerProcess.start(
                                repository,
                                "--load-policy=lazy",
                                "--model-memory-budget=" + budget,
                                "--log-info=false");
                TestClient client = new TestClient(server.port());
                ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            assertThat(client.get("/v2/health/ready").statusCode()).isEqualTo(200);
            long start = System.nanoTime();
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                RandomGenerator random = RandomGeneratorFactory.getDefault().create(i);
                asking.add(threads.submit(() -> ask(client, random)));
            }
            for (Future<?> each : asking) {
                each.get();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            long taken = taken(client);
            System.out.printf(
                    "%d models, %d bytes each, budget for %d: %d requests in %.1f s, %d of %d bytes"
                            + " taken, resident %.1f MiB%n",
                    MODELS,
                    size,
                    ROOM,
                    REQUESTS,
                    seconds,
                    taken,
                    budget,
                    server.resident() / 1048576.0);
            assertThat(taken).isPositive().isLessThanOrEqualTo(budget);
        }
    }

    /** What the server says that one of the models takes. */
    private long sizeOfOne() throws IOException, InterruptedException {
        try (ServerProcess server =
                        ServerProcess.start(
                                repository,
                                "--model-control-mode=explicit",
                                "--load-model=m0",
                                "--model-memory-budget=1G");
                TestClient client = new TestClient(server.port())) {
            return taken(client);
        }
    }

    private static long taken(TestClient client) throws IOException, InterruptedException {
        JsonNode statistics = new ObjectMapper().readTree(client.get("/v2/models/stats").body());
        long taken = 0;
        for (JsonNode model : statistics.get("model_stats")) {
            for (JsonNode memory : model.get("memory_usage")) {
                taken += memory.get("byte_size").asLong();
            }
        }
        return taken;
    }

    private static void ask(TestClient client, RandomGenerator random) {
        byte[] request =
                TestClient.fp32Request("x", new int[] {1, 2}, new float[] {0.5f, 0.25f})
                        .getBytes(StandardCharsets.UTF_8);
        try {
            for (int i = 0; i < REQUESTS / CLIENTS; i++) {
                int model = random.nextInt(MODELS);
                HttpResponse<byte[]> answer =
                        client.infer("/v2/models/m" + model + "/infer", request);
                assertThat(TestClient.jsonOutput(answer))
                        .containsExactly(model + 1.5f, model + 1.25f);
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
