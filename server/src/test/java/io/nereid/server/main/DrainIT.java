package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.server.netty.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a server's process, as its clients and whoever ends it see it. */
final class DrainIT {
    private static final String MODEL =
            """
            backend: "identity"
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            parameters { key: "execute_delay_ms" value { string_value: "%d" } }
            """;
    private static final String REQUEST =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[1],"
                    + "\"data\":[1]}]}";

    @TempDir private Path repository;

    private int port;
    private int grpcPort;

    @BeforeEach
    void placeModels() throws IOException {
        TestServers.place(repository, "quick", MODEL.formatted(0));
        TestServers.place(repository, "slow", MODEL.formatted(2000));
        port = MainProcess.freePort();
        grpcPort = MainProcess.freePort();
    }

    private RawClient ask(RawClient client, String model) throws IOException {
        return client.request(
                        "POST /v2/models/" + model + "/infer HTTP/1.1",
                        "Content-Length: " + REQUEST.length())
                .send(REQUEST);
    }

    @Test
    void finishesWhatRunsAndExitsWithZero() throws Exception {
        try (MainProcess server = MainProcess.start(repository, port, grpcPort);
                RawClient idle = new RawClient(port);
                RawClient busy = new RawClient(port)) {
            assertThat(ask(idle, "quick").read().status()).isEqualTo(200);
            assertThat(ask(busy, "quick").read().status()).isEqualTo(200);
            ask(busy, "slow");

            server.terminate();
            server.terminate();

            RawClient.Reply reply = busy.read();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("Connection")).isEqualTo("close");
            assertThat(idle.isClosed()).isTrue();
            assertThat(server.awaitExit()).isZero();
        }
    }

    @Test
    void servesAsBeforeInTheDelayAndOnlySaysThatItIsNotReady() throws Exception {
        try (MainProcess server =
                        MainProcess.start(repository, port, grpcPort, "--drain-delay-secs=5");
                TestClient client = new TestClient(port)) {
            assertThat(client.post("/v2/admin/drain", "").statusCode()).isEqualTo(200);

            assertThat(client.get("/v2/health/ready").statusCode()).isEqualTo(503);
            assertThat(client.get("/v2/health/live").statusCode()).isEqualTo(200);
            Watch.awaitTrue("farewell", this::isServedAndSentAway);
            assertThat(client.post("/v2/models/quick/infer", REQUEST).statusCode()).isEqualTo(200);
            assertThat(server.isAlive()).isTrue();

            assertThat(server.awaitExit()).isZero();
            assertThat(isRefused()).isTrue();
        }
    }

    private boolean isServedAndSentAway() {
        try (RawClient client = new RawClient(port)) {
            RawClient.Reply reply = ask(client, "quick").read();
            assertThat(reply.status()).isEqualTo(200);
            return reply.header("Connection").equals("close");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isRefused() throws IOException {
        try (RawClient _ = new RawClient(port)) {
            return false;
        } catch (ConnectException refused) {
            return true;
        }
    }
}
