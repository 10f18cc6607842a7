package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executions on the thread that receives requests, seen by how often instances' threads wait. */
final class InlineExecutionIT {
    private static final int REQUESTS = 200;

    /** More than enough for the mean to fall from where it begins to what a turn has time for. */
    private static final int UNTIL_TRUSTED = 1_000;

    private static final String QUICK =
            """
            backend: "identity"
            instance_group [ { count: 2 } ]
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            """;
    private static final String DELAYED =
            QUICK + "parameters { key: \"execute_delay_ms\" value { string_value: \"1\" } }\n";

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    @TempDir private Path repository;

    @Test
    void leavesTheInstancesThreadsAloneOnceExecutionsAreQuick() throws Exception {
        TestServers.place(repository, "quick", QUICK);
        try (NereidServer server = start("1000000");
                TestClient client = new TestClient(server.httpPort())) {
            assertThat(waitsDuring(client, "quick", UNTIL_TRUSTED)).isLessThan(REQUESTS / 2);
        }
    }

    @Test
    void executesOnTheInstancesThreadsIfTold() throws Exception {
        TestServers.place(repository, "quick", QUICK);
        try (NereidServer server = start("0");
                TestClient client = new TestClient(server.httpPort())) {
            assertThat(waitsDuring(client, "quick", 1)).isGreaterThan(REQUESTS / 2);
        }
    }

    @Test
    void neverLetsTheReceivingThreadWaitWithAnInstance() throws Exception {
        TestServers.place(repository, "delayed", DELAYED);
        try (NereidServer server = start("1000000");
                TestClient client = new TestClient(server.httpPort())) {
            assertThat(waitsDuring(client, "delayed", 1)).isGreaterThan(REQUESTS / 2);
        }
    }

    private NereidServer start(String usecs) {
        return NereidServer.start(
                TestServers.commandLine(
                        Map.of(),
                        List.of(
                                "--model-repository=" + repository,
                                "--http-address=127.0.0.1",
                                "--http-port=0",
                                "--allow-grpc=false",
                                "--inline-execution-usecs=" + usecs)));
    }

    /**
     * How often instances' threads wait while requests are answered, one after the other.
     *
     * @param before how many are asked before one looks
     */
    private long waitsDuring(TestClient client, String model, int before) throws Exception {
        for (int i = 0; i < before; i++) {
            ask(client, model);
        }
        long start = waits(model);
        for (int i = 0; i < REQUESTS; i++) {
            ask(client, model);
        }
        return waits(model) - start;
    }

    private static void ask(TestClient client, String model) throws Exception {
        String request =
                "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[1],"
                        + "\"data\":[7]}]}";
        var answer = client.post("/v2/models/" + model + "/infer", request);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("\"data\":[7]");
    }

    /** How often the threads of a model's instances have waited for something to do. */
    private long waits(String model) {
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(Objects::nonNull)
                .filter(info -> info.getThreadName().startsWith("nereid-" + model + "-"))
                .mapToLong(ThreadInfo::getWaitedCount)
                .sum();
    }
}
