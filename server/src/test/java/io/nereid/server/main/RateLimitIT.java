package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances of all kinds on a real server, with limits and without. */
final class RateLimitIT {
    private static final int DELAY_MILLIS = 40;
    private static final int REQUESTS = 6;
    private static final String REQUEST =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[1],"
                    + "\"data\":[7]}]}";

    @TempDir private Path repository;

    private void place(String model, String groups) throws IOException {
        TestServers.place(
                repository,
                model,
                """
                backend: "identity"
                input { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] }
                output { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] }
                parameters { key: "execute_delay_ms" value { string_value: "%d" } }
                """
                                .formatted(DELAY_MILLIS)
                        + groups);
    }

    private static String group(int count, int needed) {
        return "instance_group { count: "
                + count
                + " rate_limiter { resources { name: \"R1\" count: "
                + needed
                + " } } }";
    }

    private NereidServer start(String... more) {
        List<String> flags =
                new ArrayList<>(
                        List.of(
                                "--model-repository=" + repository,
                                "--model-control-mode=explicit",
                                "--http-address=127.0.0.1",
                                "--http-port=0",
                                "--allow-grpc=false"));
        flags.addAll(List.of(more));
        return NereidServer.start(TestServers.commandLine(Map.of(), flags));
    }

    private static void ask(TestClient client, String model) throws Exception {
        HttpResponse<byte[]> answer = client.post("/v2/models/" + model + "/infer", REQUEST);
        assertThat(answer.statusCode()).as(TestClient.text(answer)).isEqualTo(200);
    }

    private static HttpResponse<byte[]> load(TestClient client, String model) throws Exception {
        return client.post("/v2/repository/models/" + model + "/load", "{}");
    }

    /** Never together: then the time is no less than the sum of what each of them takes. */
    @Test
    void keepsModelsApartThatNeedTheSameResource() throws Exception {
        place("all", group(1, 4));
        place("some", group(2, 1));
        try (NereidServer server =
                        start(
                                "--rate-limit=execution_count",
                                "--load-model=all",
                                "--load-model=some");
                TestClient client = new TestClient(server.httpPort());
                ExecutorService clients = Executors.newFixedThreadPool(2 * REQUESTS)) {
            long start = System.nanoTime();
            List<Future<?>> answers = new ArrayList<>();
            for (int i = 0; i < 2 * REQUESTS; i++) {
                String model = i % 2 == 0 ? "all" : "some";
                answers.add(
                        clients.submit(() -> {
                            ask(client, model);
                            return model;
                        }));
            }
            for (Future<?> answer : answers) {
                answer.get();
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

            int ofAll = REQUESTS * DELAY_MILLIS;
            int ofSome = REQUESTS / 2 * DELAY_MILLIS;
            assertThat(millis).isGreaterThanOrEqualTo(ofAll + ofSome);
        }
    }

    @Test
    void refusesAModelThatCouldNeverExecute() throws Exception {
        place("all", group(1, 4));
        place("some", group(2, 1));
        try (NereidServer server =
                        start("--rate-limit=execution_count", "--rate-limit-resource=R1:3");
                TestClient client = new TestClient(server.httpPort())) {
            HttpResponse<byte[]> refused = load(client, "all");

            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(TestClient.text(client.post("/v2/repository/index", "{}")))
                    .contains(
                            "Resource count for \\\"R1\\\" is limited to 3 which will prevent"
                                    + " scheduling of one or more model instances, the minimum"
                                    + " required count is 4");
            assertThat(load(client, "some").statusCode()).isEqualTo(200);
            ask(client, "some");
        }
    }

    @Test
    void ignoresResourcesUnlessLimitsAreOn() throws Exception {
        place("all", group(1, 4));
        try (NereidServer server = start("--rate-limit-resource=R1:3", "--load-model=all");
                TestClient client = new TestClient(server.httpPort())) {
            ask(client, "all");
        }
    }

    @Test
    void goesOnWhenAModelThatOthersWaitForIsLoadedAgainAndUnloaded() throws Exception {
        place("all", group(1, 4));
        place("some", group(2, 1));
        try (NereidServer server =
                        start(
                                "--rate-limit=execution_count",
                                "--load-model=all",
                                "--load-model=some");
                TestClient client = new TestClient(server.httpPort());
                ExecutorService clients = Executors.newSingleThreadExecutor()) {
            Future<?> answers =
                    clients.submit(() -> {
                        for (int i = 0; i < REQUESTS; i++) {
                            ask(client, "some");
                        }
                        return null;
                    });
            place("all", group(2, 3));
            assertThat(load(client, "all").statusCode()).isEqualTo(200);
            ask(client, "all");
            client.post("/v2/repository/models/all/unload", "{}");
            answers.get();
        }
    }

    @Test
    void keepsPassiveInstancesButAsksOthers() throws Exception {
        place("both", "instance_group [ { count: 1 }, { count: 1 passive: true } ]");
        place("none", "instance_group { passive: true }");
        try (NereidServer server = start("--load-model=both");
                TestClient client = new TestClient(server.httpPort())) {
            ask(client, "both");
            ask(client, "both");

            assertThat(TestClient.error(load(client, "none")))
                    .contains(
                            "all instances of model none are passive, none would take its"
                                    + " requests");
        }
    }

    @Test
    void saysThatThereIsNoGpu() throws Exception {
        place("gpu", "instance_group { kind: KIND_GPU }");
        place("auto", "instance_group { kind: KIND_AUTO }");
        place("model", "instance_group { kind: KIND_MODEL count: 2 }");
        try (NereidServer server = start("--load-model=auto", "--load-model=model");
                TestClient client = new TestClient(server.httpPort())) {
            ask(client, "auto");
            ask(client, "model");

            assertThat(TestClient.error(load(client, "gpu")))
                    .contains(
                            "instance group gpu_0 of model gpu has kind KIND_GPU but server does"
                                    + " not support GPUs");
        }
    }
}
