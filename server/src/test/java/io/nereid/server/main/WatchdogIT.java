package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An instance that takes four seconds where one is the limit. */
final class WatchdogIT {
    private static final String SLOW =
            """
            backend: "identity"
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            parameters { key: "execute_delay_ms" value { string_value: "4000" } }
            """;
    private static final String REQUEST =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[1],"
                    + "\"data\":[1]}],\"parameters\":{\"sequence_id\":1,\"sequence_start\":true}}";

    @TempDir private Path repository;

    @ParameterizedTest
    @ValueSource(strings = {"", "dynamic_batching { }", "sequence_batching { oldest { } }"})
    void makesTheServerUnreadyForAsLongAsItHangs(String scheduling) throws Exception {
        TestServers.place(repository, "slow", SLOW + scheduling);
        try (NereidServer server =
                        NereidServer.start(
                                TestServers.commandLine(
                                        Map.of(),
                                        List.of(
                                                "--model-repository=" + repository,
                                                "--http-address=127.0.0.1",
                                                "--http-port=0",
                                                "--allow-grpc=false",
                                                "--instance-stuck-secs=1")));
                TestClient client = new TestClient(server.httpPort())) {
            assertThat(client.get("/v2/health/ready").statusCode()).isEqualTo(200);
            CompletableFuture<Integer> answer = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> ask(client, answer));
            AtomicReference<HttpResponse<byte[]>> refusal = new AtomicReference<>();

            Watch.awaitTrue(
                    "unready",
                    () -> {
                        refusal.set(readiness(client));
                        return refusal.get().statusCode() == 503;
                    });

            assertThat(answer).isNotDone();
            assertThat(TestClient.error(refusal.get()))
                    .startsWith("model 'slow' version 1 is stuck: instance 'slow_0'");
            assertThat(client.get("/v2/models/slow/ready").statusCode()).isEqualTo(503);
            assertThat(client.get("/v2/health/live").statusCode()).isEqualTo(200);
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(200);
            Watch.awaitTrue("ready again", () -> readiness(client).statusCode() == 200);
        }
    }

    private static HttpResponse<byte[]> readiness(TestClient client) {
        try {
            return client.get("/v2/health/ready");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void ask(TestClient client, CompletableFuture<Integer> answer) {
        try {
            answer.complete(client.post("/v2/models/slow/infer", REQUEST).statusCode());
        } catch (IOException | InterruptedException e) {
            answer.completeExceptionally(e);
        }
    }
}
