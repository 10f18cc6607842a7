package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two servers behind clients that take turns between those that are ready. Each server is restarted
 * twice under full load, by a signal and by a request, and no request may fail.
 *
 * <p>A client follows the rules of any load balancer: it probes readiness, closes a connection when
 * an answer says so, does not use one that the server has closed, and asks the other server if it
 * could not connect. A request of which it has sent a byte is never sent again.
 */
final class RollingRestartIT {
    private static final int CLIENTS = 8;
    private static final String MODEL =
            """
            backend: "identity" max_batch_size: 8
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] } ]
            instance_group [ { count: 2 kind: KIND_CPU } ]
            dynamic_batching { }
            parameters { key: "execute_delay_ms" value { string_value: "5" } }
            """;

    @TempDir private Path repository;

    /** One of the two servers, always on the same ports. */
    private final class Place implements AutoCloseable {
        private final int port;
        private final int grpcPort;
        private MainProcess process;

        Place() throws IOException {
            port = MainProcess.freePort();
            grpcPort = MainProcess.freePort();
            process = start();
        }

        private MainProcess start() throws IOException {
            return MainProcess.start(repository, port, grpcPort, "--drain-delay-secs=1");
        }

        void restartBySignal() throws Exception {
            process.terminate();
            comeBack();
        }

        void restartByRequest() throws Exception {
            try (TestClient client = new TestClient(port)) {
                assertThat(client.post("/v2/admin/drain", "").statusCode()).isEqualTo(200);
            }
            comeBack();
        }

        private void comeBack() throws Exception {
            assertThat(process.awaitExit()).isZero();
            process = start();
        }

        @Override
        public void close() {
            process.close();
        }
    }

    @Test
    void losesNoRequestWhenServersRestartInTurn() throws Exception {
        TestServers.place(repository, "m", MODEL);
        try (Place one = new Place();
                Place other = new Place();
                Upstream first = new Upstream(one.port, one.grpcPort);
                Upstream second = new Upstream(other.port, other.grpcPort)) {
            List<BalancedClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(BalancedClient.start(i, List.of(first, second)));
            }

            one.restartBySignal();
            awaitRound(clients, first);
            other.restartByRequest();
            awaitRound(clients, second);
            one.restartByRequest();
            awaitRound(clients, first);
            other.restartBySignal();
            awaitRound(clients, second);

            long answered = 0;
            for (BalancedClient client : clients) {
                answered += client.stop();
            }
            System.out.println(
                    "rolling restart: "
                            + answered
                            + " requests answered, none failed, "
                            + (first.retried() + second.retried())
                            + " sent elsewhere because a connection was refused");
            assertThat(answered).isPositive();
        }
    }

    /** Load comes back to a server that has come back. */
    private static void awaitRound(List<BalancedClient> clients, Upstream server) {
        long before = server.answered();
        Watch.awaitTrue(
                "load on the server that came back",
                () ->
                        server.answered() > before + 100
                                || clients.stream().anyMatch(BalancedClient::hasFailed));
    }
}
