package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model's version changes over and over while 32 clients ask it: no request fails, each answer is
 * that of the version which it names, and memory stays as it is.
 */
final class VersionChangesIT {
    private static final int CHANGES = 200;
    private static final int SETTLED = 50;
    private static final int CLIENTS = 32;
    private static final int WEIGHTS = 1 << 16;
    private static final String MARKER = ".ready";
    private static final byte[] REQUEST =
            TestClient.fp32Request("x", new int[] {1, 2}, new float[] {0.5f, 0.25f})
                    .getBytes(StandardCharsets.UTF_8);

    @TempDir private Path repository;

    private Path model() {
        return repository.resolve("m");
    }

    private void removeVersion(long version) throws IOException {
        Path directory = model().resolve(Long.toString(version));
        Files.delete(directory.resolve("model.onnx"));
        Files.delete(directory);
    }

    @Test
    void loadedOnRequest() throws Exception {
        changesLoseNothing(
                client -> {
                    HttpResponse<byte[]> loaded = client.post("/v2/repository/models/m/load", "{}");
                    assertThat(loaded.statusCode()).as(TestClient.text(loaded)).isEqualTo(200);
                },
                "--model-control-mode=explicit",
                "--load-model=m");
    }

    @Test
    void takenUpByPolling() throws Exception {
        changesLoseNothing(
                client -> {
                    Files.deleteIfExists(model().resolve(MARKER));
                    Files.createFile(model().resolve(MARKER));
                },
                "--model-control-mode=poll",
                ServerProcess.FAST_POLLING + MARKER);
    }

    @Test
    void ignoredWithoutAnyControl() throws Exception {
        TinyOnnx.place(model(), 1, WEIGHTS);
        try (ServerProcess server = ServerProcess.start(repository);
                Load load = new Load(server.port())) {
            for (long version = 2; version <= CHANGES + 1; version++) {
                TinyOnnx.place(model(), version, WEIGHTS);
                removeVersion(version - 1);
            }
            load.end();
            assertThat(load.newest()).isEqualTo(1);
        }
    }

    /** Makes the server take up what has changed. */
    private interface Change {
        void announce(TestClient client) throws IOException, InterruptedException;
    }

    private void changesLoseNothing(Change change, String... flags) throws Exception {
        TinyOnnx.place(model(), 1, WEIGHTS);
        Files.createFile(model().resolve(MARKER));
        long[] resident = new long[CHANGES];
        long answers;
        try (ServerProcess server = ServerProcess.start(repository, flags);
                TestClient admin = new TestClient(server.port());
                Load load = new Load(server.port())) {
            for (int i = 0; i < CHANGES; i++) {
                long version = i + 2L;
                TinyOnnx.place(model(), version, WEIGHTS);
                change.announce(admin);
                awaitServed(admin, version);
                removeVersion(version - 1);
                resident[i] = server.resident();
            }
            answers = load.end();
            assertThat(load.newest()).isEqualTo(CHANGES + 1);
        }
        long before = median(Arrays.copyOfRange(resident, SETTLED, SETTLED + 25));
        long after = median(Arrays.copyOfRange(resident, CHANGES - 25, CHANGES));
        System.out.printf(
                "%s: %d answers, resident after 50 changes %.1f MiB, after 200 %.1f MiB%n",
                flags[0], answers, before / 1048576.0, after / 1048576.0);
        assertThat(after).isLessThanOrEqualTo(before + before / 20);
    }

    private static long median(long[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static void awaitServed(TestClient client, long version) {
        Watch.awaitTrue(
                "version " + version,
                () -> {
                    try {
                        return client.get("/v2/models/m/versions/" + version + "/ready")
                                        .statusCode()
                                == 200;
                    } catch (IOException | InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    /** Clients that ask as fast as they are answered. */
    private static final class Load implements AutoCloseable {
        private final TestClient client;
        private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        private final List<Future<Long>> answers = new ArrayList<>();
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicLong newest = new AtomicLong();

        Load(int port) {
            client = new TestClient(port);
            for (int i = 0; i < CLIENTS; i++) {
                answers.add(threads.submit(this::ask));
            }
        }

        private long ask() throws IOException, InterruptedException {
            ObjectMapper json = new ObjectMapper();
            long answered = 0;
            while (!stop.get()) {
                JsonNode answer = json.readTree(client.infer("/v2/models/m/infer", REQUEST).body());
                long version = answer.get("model_version").asLong();
                JsonNode data = answer.get("outputs").get(0).get("data");
                assertThat(data.get(0).floatValue()).isEqualTo(version + 0.5f);
                assertThat(data.get(1).floatValue()).isEqualTo(version + 0.25f);
                newest.accumulateAndGet(version, Math::max);
                answered++;
            }
            return answered;
        }

        long newest() {
            return newest.get();
        }

        /** Ends it; the number of answers. Fails if one request failed. */
        long end() throws Exception {
            stop.set(true);
            long sum = 0;
            for (Future<Long> each : answers) {
                sum += each.get();
            }
            return sum;
        }

        @Override
        public void close() {
            stop.set(true);
            threads.close();
            client.close();
        }
    }
}
