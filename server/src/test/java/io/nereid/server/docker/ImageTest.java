package io.nereid.server.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the image promises to platforms, and its small scripts. */
class ImageTest {
    @TempDir Path programs;

    private static List<String> dockerfile() throws IOException {
        return Files.readAllLines(Script.DOCKER.resolve("Dockerfile"));
    }

    @Test
    void tellsSageMakerWhatItCan() throws IOException {
        assertThat(dockerfile())
                .contains(
                        "LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true",
                        "LABEL com.amazonaws.sagemaker.capabilities.multi-models=true");
    }

    @Test
    void startsProgramsWithoutAShellAndWithoutRoot() throws IOException {
        List<String> lines = dockerfile();
        assertThat(lines).contains("ENTRYPOINT [\"/opt/nereid/bin/entrypoint\"]");
        assertThat(lines).filteredOn(line -> line.startsWith("CMD")).allMatch(l -> l.contains("["));
        assertThat(lines).anyMatch(line -> line.matches("HEALTHCHECK .* CMD \\[.*"));
        assertThat(lines).filteredOn(line -> line.startsWith("USER")).containsExactly("USER 10001");
        assertThat(lines.indexOf("USER 10001"))
                .isGreaterThan(lines.indexOf("FROM base-${VARIANT} AS image"))
                .isLessThan(lines.indexOf("ENTRYPOINT [\"/opt/nereid/bin/entrypoint\"]"));
    }

    @Test
    void keepsEnginesQuietAndOffline() throws IOException {
        assertThat(dockerfile())
                .contains(
                        "ENV ORT_DISABLE_TELEMETRY=1",
                        "ENV OPT_OUT_TRACKING=true",
                        "ENV DJL_OFFLINE=true",
                        "ENV TF_CPP_MIN_LOG_LEVEL=2",
                        "ENV PATH=/opt/nereid/bin:$PATH",
                        "EXPOSE 8000 8001 8002 8080");
    }

    @Test
    void makesItsStartCacheWithItsOwnJavaAndInItsPlace() throws IOException {
        List<String> lines = dockerfile();
        assertThat(lines.indexOf("RUN /opt/nereid/bin/nereid warm"))
                .isGreaterThan(
                        lines.indexOf("COPY --from=build /source/server/target/nereid /opt/nereid"))
                .isLessThan(lines.indexOf("USER 10001"));
        assertThat(lines).contains("RUN rm -f server/target/nereid/nereid.aot \\");
    }

    @Test
    void hasABaseForEachVariant() throws IOException {
        assertThat(dockerfile())
                .contains("ARG VARIANT=cpu")
                .anyMatch(line -> line.matches("FROM debian:\\S+-slim AS base-cpu"))
                .anyMatch(line -> line.matches("FROM nvidia/cuda:12\\S+ AS base-cuda"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "entrypoint", "healthcheck"})
    void holdsScriptsThatBashUnderstands(String name) throws Exception {
        Path script = Script.DOCKER.resolve(name);
        assertThat(Files.isExecutable(script)).isTrue();
        assertThat(
                        new ProcessBuilder("bash", "-n", script.toString())
                                .inheritIO()
                                .start()
                                .waitFor())
                .isZero();
    }

    @Test
    void becomesTheProgramThatIsNamed() throws Exception {
        Script entrypoint =
                new Script("entrypoint", programs)
                        .program("serve", "echo \"serve $# $*\"; exit 3")
                        .program("tritonserver", "echo \"tritonserver $*\"");
        assertThat(entrypoint.run("serve", "a b"))
                .isEqualTo(new Script.Outcome(3, List.of("serve 1 a b")));
        assertThat(entrypoint.run("--model-repository=/models").lines())
                .containsExactly("tritonserver --model-repository=/models");
    }

    @Test
    void asksTheServerForItsHealth() throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/live", exchange -> exchange.sendResponseHeaders(200, -1));
        server.createContext("/ill", exchange -> exchange.sendResponseHeaders(503, -1));
        server.start();
        try {
            String port = Integer.toString(server.getAddress().getPort());
            assertThat(health(port, "/live").exit()).isZero();
            assertThat(health(port, "/ill").exit()).isNotZero();
        } finally {
            server.stop(0);
        }
        assertThat(health(Integer.toString(closedPort()), "/live"))
                .isEqualTo(new Script.Outcome(1, List.of()));
    }

    private Script.Outcome health(String port, String path) throws Exception {
        return new Script("healthcheck", programs)
                .with("NEREID_HEALTH_PORT", port)
                .with("NEREID_HEALTH_PATH", path)
                .run();
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
