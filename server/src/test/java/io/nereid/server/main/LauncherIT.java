package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The distribution as a user starts it: a process, its output, its exit status. */
final class LauncherIT {
    private static final long LIMIT_SECONDS = 120;
    private static final Pattern HTTP =
            Pattern.compile("Started HTTPService at 127\\.0\\.0\\.1:(\\d+)");

    @Test
    void servesPrintsItsTablesAndExitsWith0OnSigterm() throws Exception {
        Process server =
                start(
                        "serve",
                        "--model-repository=" + TestServers.examples(),
                        "--http-address=127.0.0.1",
                        "--grpc-address=127.0.0.1",
                        "--http-port=0",
                        "--grpc-port=0",
                        "--metrics-port=0");
        try (BufferedReader lines = output(server)) {
            List<String> seen = readUntil(lines, "| exit_timeout");
            String text = String.join("\n", seen);
            assertThat(text)
                    .contains("Started GRPCInferenceService at 127.0.0.1:")
                    .containsPattern("\\| Model +\\| Version +\\| Status +\\|")
                    .containsPattern("\\| ensemble_dali_inception +\\| 1 +\\| READY +\\|")
                    .containsPattern("\\| Backend +\\| Path +\\| Config +\\|");
            Matcher port = HTTP.matcher(text);
            assertThat(port.find()).isTrue();
            try (TestClient client = new TestClient(Integer.parseInt(port.group(1)))) {
                assertThat(client.get("/v2/health/ready").statusCode()).isEqualTo(200);
            }

            server.toHandle().destroy();

            assertThat(String.join("\n", readUntilEnd(lines))).contains("Signal (15) received.");
            assertThat(server.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isZero();
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void demoPrintsTheDigitByBothEncodings() throws Exception {
        Process demo = start("demo", "--http-port=0", "--grpc-port=0", "--metrics-port=0");
        try (BufferedReader lines = output(demo)) {
            String text = String.join("\n", readUntil(lines, "Serving on http://localhost:"));
            assertThat(text)
                    .containsPattern("JSON +digit 7, probability 0\\.\\d{6}")
                    .containsPattern("binary\\+json +digit 7, probability 0\\.\\d{6}");
            demo.toHandle().destroy();
            assertThat(demo.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.exitValue()).isZero();
        } finally {
            demo.destroyForcibly();
        }
    }

    @Test
    void refusesFlagsThatDoNotExist() throws Exception {
        Process server = start("serve", "--model-repository=/tmp", "--no-such-flag=1");
        try (BufferedReader lines = output(server)) {
            assertThat(String.join("\n", readUntilEnd(lines))).contains("--no-such-flag");
            assertThat(server.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isEqualTo(1);
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void exitsWith1WhenAModelCannotBeLoaded() throws Exception {
        Process server =
                start(
                        "serve",
                        "--model-repository=" + TestServers.examples(),
                        "--model-control-mode=explicit",
                        "--load-model=no_such_model",
                        "--http-port=0",
                        "--grpc-port=0",
                        "--metrics-port=0");
        try (BufferedReader lines = output(server)) {
            assertThat(String.join("\n", readUntilEnd(lines)))
                    .contains("error: creating server: Internal - failed to load all models");
            assertThat(server.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isEqualTo(1);
        } finally {
            server.destroyForcibly();
        }
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(TestServers.home().resolve("bin/nereid").toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("NEREID_JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static List<String> readUntil(BufferedReader lines, String last) {
        List<String> seen = new ArrayList<>();
        while (seen.isEmpty() || !seen.getLast().contains(last)) {
            String line = next(lines);
            assertThat(line).as("output ended before '%s': %s", last, seen).isNotNull();
            seen.add(line);
        }
        return seen;
    }

    private static List<String> readUntilEnd(BufferedReader lines) {
        return lines.lines().toList();
    }

    private static String next(BufferedReader lines) {
        try {
            return lines.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
