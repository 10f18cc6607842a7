package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.backend.cache.RedisServer;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real server with caches from the distribution's own folders. A server that closes without an
 * error has given all tensor memory back.
 */
final class ResponseCacheIT {
    private static final String TENSORS =
            """
            max_batch_size: 4
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ -1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ -1 ] } ]
            """;
    private static final String CACHED = TENSORS + "response_cache { enable: true } ";
    private static final String STEP =
            "{ model_name: \"%s\" model_version: -1 input_map { key: \"INPUT0\" value: \"%s\" }"
                    + " output_map { key: \"OUTPUT0\" value: \"%s\" } }";
    private static final String LOCAL = "--cache-config=local,size=1048576";

    @TempDir private Path repository;
    @TempDir private Path redisDirectory;

    @BeforeEach
    void place() throws IOException {
        TestServers.place(repository, "cached", CACHED + "backend: \"identity\"");
        TestServers.place(repository, "plain", TENSORS + "backend: \"identity\"");
        TestServers.place(
                repository,
                "chain",
                CACHED
                        + "platform: \"ensemble\" ensemble_scheduling { step [ "
                        + STEP.formatted("plain", "INPUT0", "t")
                        + ", "
                        + STEP.formatted("plain", "t", "OUTPUT0")
                        + " ] }");
    }

    /** A server and its client. */
    private final class Running implements AutoCloseable {
        private final NereidServer server;
        private final TestClient client;

        Running(String... cacheFlags) {
            List<String> flags =
                    new ArrayList<>(
                            List.of(
                                    "--model-repository=" + repository,
                                    "--model-control-mode=explicit",
                                    "--load-model=*",
                                    "--http-address=127.0.0.1",
                                    "--http-port=0",
                                    "--grpc-port=0"));
            flags.addAll(List.of(cacheFlags));
            server = NereidServer.start(TestServers.commandLine(Map.of(), flags));
            client = new TestClient(server.httpPort());
        }

        /** Asks for numbers, which come back. */
        void ask(String model, String shape, String numbers) throws Exception {
            HttpResponse<byte[]> response =
                    client.infer("/v2/models/" + model + "/infer", request(shape, numbers));
            JsonNode answer = new ObjectMapper().readTree(response.body());
            JsonNode output = answer.at("/outputs/0");
            assertThat(output.get("shape").toString()).isEqualTo(shape);
            assertThat(output.get("data").toString()).isEqualTo(numbers);
        }

        JsonNode stats(String model) throws Exception {
            return new ObjectMapper()
                    .readTree(client.get("/v2/models/" + model + "/stats").body())
                    .at("/model_stats/0");
        }

        void requireCounts(String model, int executions, int misses, int hits) throws Exception {
            JsonNode stats = stats(model);
            assertThat(stats.at("/execution_count").asInt()).isEqualTo(executions);
            assertThat(stats.at("/inference_stats/cache_miss/count").asInt()).isEqualTo(misses);
            assertThat(stats.at("/inference_stats/cache_hit/count").asInt()).isEqualTo(hits);
            assertThat(stats.at("/inference_stats/success/count").asInt())
                    .isEqualTo(executions + hits);
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    private static byte[] request(String shape, String numbers) {
        return ("{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":"
                        + shape
                        + ",\"data\":"
                        + numbers
                        + "}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void answersTheSecondOfTwoEqualRequestsFromTheCache() throws Exception {
        try (Running running = new Running(LOCAL)) {
            running.ask("cached", "[1,4]", "[1,2,3,4]");
            running.ask("cached", "[1,4]", "[1,2,3,4]");

            running.requireCounts("cached", 1, 1, 1);
            JsonNode stats = running.stats("cached");
            assertThat(stats.at("/inference_count").asInt()).isEqualTo(1);
            assertThat(stats.at("/inference_stats/queue/count").asInt()).isEqualTo(2);
            assertThat(stats.at("/inference_stats/compute_infer/count").asInt()).isEqualTo(1);
            assertThat(stats.at("/inference_stats/cache_hit/ns").asLong()).isPositive();
            assertThat(stats.at("/inference_stats/cache_miss/ns").asLong()).isPositive();
        }
    }

    @Test
    void tellsRequestsOfEqualBytesAndOtherShapesApart() throws Exception {
        try (Running running = new Running(LOCAL)) {
            running.ask("cached", "[1,4]", "[1,2,3,4]");
            running.ask("cached", "[2,2]", "[1,2,3,4]");
            running.ask("cached", "[4,1]", "[1,2,3,4]");

            running.requireCounts("cached", 3, 3, 0);
        }
    }

    @Test
    void asksModelsThatDoNotWantTheCache() throws Exception {
        try (Running running = new Running(LOCAL)) {
            running.ask("plain", "[1,1]", "[1]");
            running.ask("plain", "[1,1]", "[1]");

            running.requireCounts("plain", 2, 0, 0);
        }
    }

    @Test
    void asksEveryModelWhereThereIsNoCache() throws Exception {
        try (Running running = new Running()) {
            running.ask("cached", "[1,1]", "[1]");
            running.ask("cached", "[1,1]", "[1]");

            running.requireCounts("cached", 2, 0, 0);
        }
    }

    @Test
    void answersFromTheCacheBeforeAnyStepOfAnEnsemble() throws Exception {
        try (Running running = new Running(LOCAL)) {
            running.ask("chain", "[1,1]", "[5]");
            running.ask("chain", "[1,1]", "[5]");

            running.requireCounts("chain", 1, 1, 1);
            running.requireCounts("plain", 2, 0, 0);
        }
    }

    @Test
    void asksAModelThatWasLoadedAnew() throws Exception {
        try (Running running = new Running(LOCAL)) {
            running.ask("cached", "[1,1]", "[5]");
            TestServers.place(
                    repository,
                    "cached",
                    CACHED
                            + "backend: \"identity\""
                            + " parameters { key: \"changed\" value { string_value: \"yes\" } }");
            assertThat(running.client.post("/v2/repository/models/cached/load", "{}").statusCode())
                    .isEqualTo(200);
            running.ask("cached", "[1,1]", "[5]");

            running.requireCounts("cached", 1, 1, 0);
        }
    }

    @Test
    void staysWithinItsBoundUnderManyReaders() throws Exception {
        try (Running running = new Running("--cache-config=local,size=4096")) {
            inParallel(
                    4,
                    seed -> {
                        for (int i = 0; i < 250; i++) {
                            int number = (i * 7 + seed) % 60;
                            running.ask("cached", "[1,2]", "[" + number + "," + seed % 2 + "]");
                        }
                    });
            String metrics = metrics(running);
            double utilization =
                    metrics.lines()
                            .filter(line -> line.startsWith("nv_cache_util "))
                            .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
                            .sum();
            assertThat(utilization).isBetween(0.5, 1.0);
            assertThat(metrics).contains("nv_cache_num_hits_per_model{model=\"cached\"");
        }
    }

    private static String metrics(Running running) throws Exception {
        try (TestClient client = new TestClient(running.server.metricsPort())) {
            return new String(client.get("/metrics").body(), StandardCharsets.UTF_8);
        }
    }

    /** Something that many threads do. */
    private interface Work {
        void run(int thread) throws Exception;
    }

    private static void inParallel(int threads, Work work) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                ends.add(
                        executor.submit(() -> {
                            work.run(thread);
                            return null;
                        }));
            }
            for (Future<?> end : ends) {
                assertThat(end.get()).isNull();
            }
        }
    }

    @Test
    void findsInRedisWhatAServerBeforeHasAnswered() throws Exception {
        try (RedisServer redis = RedisServer.start(redisDirectory)) {
            String[] flags = redisFlags(redis);
            try (Running before = new Running(flags)) {
                before.ask("cached", "[1,1]", "[5]");
                before.ask("chain", "[1,1]", "[5]");
            }
            try (Running after = new Running(flags)) {
                after.ask("cached", "[1,1]", "[5]");
                after.ask("chain", "[1,1]", "[5]");

                after.requireCounts("cached", 0, 0, 1);
                after.requireCounts("chain", 0, 0, 1);
            }
        }
    }

    @Test
    void doesNotFindInRedisWhatAnotherModelOfThatNameHasAnswered() throws Exception {
        try (RedisServer redis = RedisServer.start(redisDirectory)) {
            String[] flags = redisFlags(redis);
            try (Running before = new Running(flags)) {
                before.ask("cached", "[1,1]", "[5]");
                before.ask("chain", "[1,1]", "[5]");
            }
            TinyOnnx.place(repository.resolve("plain"), 1, 0);
            TinyOnnx.place(repository.resolve("cached"), 1, 0);
            try (Running after = new Running(flags)) {
                after.ask("cached", "[1,1]", "[5]");
                after.ask("chain", "[1,1]", "[5]");

                after.requireCounts("cached", 1, 1, 0);
                after.requireCounts("chain", 1, 1, 0);
            }
        }
    }

    @Test
    void goesOnWhenRedisIsKilledInMidRun() throws Exception {
        try (RedisServer redis = RedisServer.start(redisDirectory);
                Running running = new Running(redisFlags(redis))) {
            running.ask("cached", "[1,1]", "[5]");
            running.ask("cached", "[1,1]", "[5]");
            running.requireCounts("cached", 1, 1, 1);

            inParallel(
                    4,
                    thread -> {
                        for (int i = 0; i < 100; i++) {
                            if (thread == 0 && i == 50) {
                                redis.kill();
                            }
                            running.ask("cached", "[1,1]", "[" + i + "]");
                        }
                    });

            redis.restart();
            Watch.awaitTrue(
                    "the cache is used again",
                    () -> {
                        try {
                            running.ask("cached", "[1,1]", "[1000]");
                            int hits = hits(running);
                            running.ask("cached", "[1,1]", "[1000]");
                            return hits(running) > hits;
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
        }
    }

    private static int hits(Running running) throws Exception {
        return running.stats("cached").at("/inference_stats/cache_hit/count").asInt();
    }

    private static String[] redisFlags(RedisServer redis) {
        return new String[] {
            "--cache-config=redis,host=127.0.0.1", "--cache-config=redis,port=" + redis.port()
        };
    }

    @Test
    void doesNotStartWithACacheThatIsNotThere() {
        assertThatThrownBy(() -> new Running("--cache-config=disk,size=1"))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "unable to find 'libtritoncache_disk.so' for cache. Searched: "
                                + TestServers.home().resolve("caches"));
        assertThatThrownBy(() -> new Running("--cache-config=local,bytes=1"))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "Failed to initialize LocalCache: config didn't contain a valid 'size'"
                                + " field.");
    }
}
