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
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ordinary tools copy models into a directory that the server polls, and are killed at random
 * points, 100 times in all. Clients ask all the while: what answers was copied completely, its
 * labels and configuration included.
 */
final class KilledCopyIT {
    private static final int COPIES = 50;
    private static final int CLIENTS = 4;
    private static final int WEIGHTS = 1 << 17;
    private static final int BLOCK = 512;
    private static final String MARKER = ".ready";
    private static final String CONFIG =
            """
            platform: "onnxruntime_onnx" max_batch_size: 8
            input { name: "x" data_type: TYPE_FP32 dims: 2 }
            output { name: "y" data_type: TYPE_FP32 dims: 2 label_filename: "labels.txt" }
            """;
    private static final byte[] REQUEST =
            ("{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],"
                            + "\"data\":[0.5,0.25]}],"
                            + "\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":1}}]}")
                    .getBytes(StandardCharsets.UTF_8);

    @TempDir private Path repository;
    @TempDir private Path source;

    private final Random random = new Random(42);
    private int looks;

    /** A model that is copied: its number is what it adds and the name of its class. */
    private record Copy(int number, Path directory, int version) {
        String name() {
            return directory.getFileName().toString();
        }

        Path file() {
            return directory.resolve(version + "/model.onnx");
        }
    }

    /** Without a marker a copy that stands still looks finished: the engine sees that it is not. */
    @Test
    void servesNoModelOfWhichAPartIsMissing() throws Exception {
        int complete = 0;
        try (ServerProcess server = polled("");
                TestClient client = new TestClient(server.port())) {
            for (int i = 1; i <= COPIES; i++) {
                Copy copy = new Copy(i, repository.resolve("m" + i), 1);
                try (Clients clients = new Clients(server.port(), copy.name(), false)) {
                    boolean whole = copyOrBeKilled(copy);
                    awaitLook(client);
                    if (whole) {
                        awaitReady(client, copy);
                        complete++;
                    } else {
                        assertThat(isReady(client, copy)).as(copy.name()).isFalse();
                    }
                    clients.end();
                }
            }
        }
        assertThat(complete).isBetween(1, COPIES - 1);
    }

    /** With a marker nothing is taken up before the copy says that it is complete. */
    @Test
    void servesTheLastCompleteVersionWhileTheNextIsCopied() throws Exception {
        Path model = repository.resolve("m");
        Copy last = new Copy(1, model, 1);
        assertThat(copying(last).waitFor()).isZero();
        mark(model);
        int complete = 0;
        try (ServerProcess server = polled(MARKER);
                TestClient client = new TestClient(server.port());
                Clients clients = new Clients(server.port(), "m", true)) {
            for (int i = 2; i <= COPIES + 1; i++) {
                Copy copy = new Copy(i, model, i);
                if (copyOrBeKilled(copy)) {
                    mark(model);
                    awaitReady(client, copy);
                    last = copy;
                    complete++;
                } else {
                    awaitLook(client);
                    assertThat(isReady(client, copy)).as("version " + i).isFalse();
                }
            }
            clients.end();
            assertThat(clients.newest()).isLessThanOrEqualTo(last.number());
        }
        assertThat(complete).isBetween(1, COPIES - 1);
    }

    private ServerProcess polled(String marker) throws IOException {
        return ServerProcess.start(
                repository,
                "--model-control-mode=poll",
                "--exit-on-error=false",
                ServerProcess.FAST_POLLING + marker);
    }

    /** Copies until a random point; true if it was too late to kill it. */
    private boolean copyOrBeKilled(Copy copy) throws IOException, InterruptedException {
        Process process = copying(copy);
        long size = Files.size(source.resolve(copy.number() + ".onnx"));
        long point = random.nextLong(-1, size + size / 4);
        while (process.isAlive() && bytes(copy.file()) < point) {
            Thread.onSpinWait();
        }
        process.destroyForcibly();
        return process.waitFor() == 0 || bytes(copy.file()) == size;
    }

    private static long bytes(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : -1;
    }

    /** The model file comes last, by the shell's own process. */
    private Process copying(Copy copy) throws IOException {
        Path model = source.resolve(copy.number() + ".onnx");
        Files.write(model, TinyOnnx.adding(copy.number(), WEIGHTS));
        Path labels =
                Files.writeString(source.resolve(copy.number() + ".txt"), "c" + copy.number());
        Path config = Files.writeString(source.resolve("config.pbtxt"), CONFIG);
        return new ProcessBuilder(
                        "sh",
                        "-c",
                        "mkdir -p $4 && cp $2 $4/config.pbtxt && cp $3 $4/labels.txt"
                                + " && mkdir $4/$5 && exec dd if=$1 of=$4/$5/model.onnx bs="
                                + BLOCK,
                        "copy",
                        model.toString(),
                        config.toString(),
                        labels.toString(),
                        copy.directory().toString(),
                        Integer.toString(copy.version()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void mark(Path model) throws IOException {
        Files.deleteIfExists(model.resolve(MARKER));
        Files.createFile(model.resolve(MARKER));
    }

    /** Changes another model and waits for that: the server has seen what was there before. */
    private void awaitLook(TestClient client) throws IOException {
        Path beacon = repository.resolve("beacon");
        looks++;
        TinyOnnx.place(beacon, looks, 0);
        mark(beacon);
        awaitReady(client, new Copy(0, beacon, looks));
    }

    private static void awaitReady(TestClient client, Copy copy) {
        Watch.awaitTrue(
                copy.name() + " version " + copy.version(),
                () -> {
                    try {
                        return isReady(client, copy);
                    } catch (IOException | InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    private static boolean isReady(TestClient client, Copy copy)
            throws IOException, InterruptedException {
        String path = "/v2/models/" + copy.name() + "/versions/" + copy.version() + "/ready";
        return client.get(path).statusCode() == 200;
    }

    /** Clients that ask one model all the while and look at what they get. */
    private static final class Clients implements AutoCloseable {
        private final TestClient client;
        private final String path;
        private final boolean always;
        private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        private final List<Future<Long>> answers = new ArrayList<>();
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicLong newest = new AtomicLong();

        /**
         * @param always whether each request must be answered
         */
        Clients(int port, String model, boolean always) {
            this.client = new TestClient(port);
            this.path = "/v2/models/" + model + "/infer";
            this.always = always;
            for (int i = 0; i < CLIENTS; i++) {
                answers.add(threads.submit(this::ask));
            }
        }

        private long ask() throws IOException, InterruptedException {
            ObjectMapper json = new ObjectMapper();
            long answered = 0;
            while (!stop.get()) {
                HttpResponse<byte[]> response = client.post(path, REQUEST);
                if (always || response.statusCode() == 200) {
                    assertThat(response.statusCode()).as(TestClient.text(response)).isEqualTo(200);
                    check(json.readTree(response.body()));
                    answered++;
                }
            }
            return answered;
        }

        /** The class is called after what the model adds. */
        private void check(JsonNode answer) {
            String best = answer.get("outputs").get(0).get("data").get(0).asText();
            long number = Math.round(Double.parseDouble(best.split(":", 3)[0]) - 0.5);
            assertThat(best.split(":", 3)[2]).as(best).isEqualTo("c" + number);
            newest.accumulateAndGet(number, Math::max);
        }

        long newest() {
            return newest.get();
        }

        /** Ends it; fails if a request got what it should not. */
        void end() throws Exception {
            stop.set(true);
            for (Future<Long> each : answers) {
                assertThat(each.get()).isNotNegative();
            }
        }

        @Override
        public void close() {
            stop.set(true);
            threads.close();
            client.close();
        }
    }
}
