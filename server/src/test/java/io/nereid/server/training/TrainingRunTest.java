package io.nereid.server.training;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** That a training run which fails is seen to fail: a cache of one that works is LauncherIT's. */
final class TrainingRunTest {
    @Test
    void endsWithTheFirstAnswerThatIsNotAsItShould() throws IOException {
        HttpServer broken =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        broken.createContext(
                "/",
                call -> {
                    call.sendResponseHeaders(503, -1);
                    call.close();
                });
        broken.start();
        int port = broken.getAddress().getPort();
        try {
            assertThatThrownBy(() -> TrainingRun.ask(port, port, port, new byte[3]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("GET /metrics")
                    .hasMessageContaining("503");
        } finally {
            broken.stop(0);
        }
    }
}
