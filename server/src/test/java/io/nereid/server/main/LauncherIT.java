package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The distribution as a user starts it: a process, its output, its exit status. */
final class LauncherIT {
    private static final long LIMIT_SECONDS = 120;
    private static final int SIXTEEN_MEBIBYTES = 16 << 20;
    private static final Pattern HTTP =
            Pattern.compile("Started HTTPService at 127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern GRPC =
            Pattern.compile("Started GRPCInferenceService at 127\\.0\\.0\\.1:(\\d+)");

    @TempDir Path directory;

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
    void takesMoreBytesOfMessagesThanItsHeapMayHave() throws Exception {
        TestServers.place(
                directory,
                "identity",
                """
                backend: "identity"
                input [ { name: "X" data_type: TYPE_UINT8 dims: [ -1 ] } ]
                output [ { name: "Y" data_type: TYPE_UINT8 dims: [ -1 ] } ]
                """);
        ProcessBuilder command =
                command(
                                TestServers.home(),
                                "serve",
                                "--model-repository=" + directory,
                                "--allow-http=false",
                                "--grpc-address=127.0.0.1",
                                "--grpc-port=0",
                                "--metrics-port=0")
                        .redirectErrorStream(true);
        command.environment().put("NEREID_JAVA_OPTIONS", "-Xmx64m");
        Process server = command.start();
        try (BufferedReader lines = output(server)) {
            Matcher port = GRPC.matcher(String.join("\n", readUntil(lines, "| exit_timeout")));
            assertThat(port.find()).isTrue();
            assertThat(answersOf(8, Integer.parseInt(port.group(1))))
                    .hasSize(8)
                    .containsOnly(SIXTEEN_MEBIBYTES);
        } finally {
            server.destroyForcibly();
        }
    }

    /** What clients get that send 16 MiB at the same time, each on a connection of its own. */
    private static List<Integer> answersOf(int clients, int port) throws Exception {
        ModelInferRequest question =
                ModelInferRequest.newBuilder()
                        .setModelName("identity")
                        .addInputs(
                                InferInputTensor.newBuilder()
                                        .setName("X")
                                        .setDatatype("UINT8")
                                        .addShape(SIXTEEN_MEBIBYTES))
                        .addRawInputContents(ByteString.copyFrom(new byte[SIXTEEN_MEBIBYTES]))
                        .build();
        List<ManagedChannel> channels = new ArrayList<>();
        try {
            List<Future<ModelInferResponse>> answers = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                channels.add(
                        NettyChannelBuilder.forAddress("127.0.0.1", port)
                                .usePlaintext()
                                .maxInboundMessageSize(Integer.MAX_VALUE)
                                .build());
                answers.add(
                        GRPCInferenceServiceGrpc.newFutureStub(channels.getLast())
                                .modelInfer(question));
            }
            List<Integer> sizes = new ArrayList<>();
            for (Future<ModelInferResponse> answer : answers) {
                sizes.add(
                        answer.get(LIMIT_SECONDS, TimeUnit.SECONDS).getRawOutputContents(0).size());
            }
            return sizes;
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
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

    @ParameterizedTest
    @ValueSource(strings = {"", "validate", "demo", "bench", "warm"})
    void printsItsVersion(String command) throws Exception {
        String[] arguments =
                command.isEmpty()
                        ? new String[] {"--version"}
                        : new String[] {command, "--version"};

        assertThat(outputOf(command(TestServers.home(), arguments)))
                .singleElement()
                .asString()
                .matches("nereid \\d+\\.\\d+\\.\\d+\\S*, with the interface of Triton .*");
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

    @Test
    void startsWithTheClassesOfItsTrainingRun() throws Exception {
        ProcessBuilder command =
                command(TestServers.home(), "--help")
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        command.environment().put("NEREID_JAVA_OPTIONS", "-Xlog:class+load");
        // The Java that the launcher found when the distribution was built made the cache.
        command.environment().remove("NEREID_JAVA_HOME");
        Optional.ofNullable(System.getenv("NEREID_JAVA_HOME"))
                .ifPresent(java -> command.environment().put("NEREID_JAVA_HOME", java));

        assertThat(outputOf(command))
                .as("%s/nereid.aot, which `nereid warm` makes", TestServers.home())
                .anyMatch(line ->
                        line.contains("io.nereid.server.main.Main ")
                                && line.contains("source: shared objects file"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not a cache", "0123456789"})
    void passesOverACacheThatDoesNotFit(String content) throws Exception {
        Path home = linkedHome();
        List<String> without = outputOf(command(home, "--help").redirectErrorStream(true));

        Files.writeString(home.resolve("nereid.aot"), content);

        assertThat(without).anyMatch(line -> line.startsWith("Usage: nereid"));
        assertThat(outputOf(command(home, "--help").redirectErrorStream(true))).isEqualTo(without);
    }

    @Test
    void takesAnotherCollectorThanTheOneThatTheCacheWasMadeWith() throws Exception {
        ProcessBuilder command = command(TestServers.home(), "--help").redirectErrorStream(true);
        command.environment().put("NEREID_JAVA_OPTIONS", "-XX:+UseZGC");

        assertThat(outputOf(command).getFirst()).startsWith("Usage: nereid");
    }

    /**
     * A distribution of its own for a test that changes it: the launcher, and links to the rest.
     */
    private Path linkedHome() throws IOException {
        Path home = directory.resolve("nereid");
        Files.createDirectories(home.resolve("bin"));
        Files.copy(
                TestServers.home().resolve("bin/nereid"),
                home.resolve("bin/nereid"),
                StandardCopyOption.COPY_ATTRIBUTES);
        for (String name : List.of("lib", "backends", "examples")) {
            Files.createSymbolicLink(home.resolve(name), TestServers.home().resolve(name));
        }
        return home;
    }

    private static List<String> outputOf(ProcessBuilder command) throws Exception {
        Process process = command.start();
        try (BufferedReader lines = output(process)) {
            List<String> seen = readUntilEnd(lines);
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            return seen;
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(String... arguments) throws IOException {
        return command(TestServers.home(), arguments).redirectErrorStream(true).start();
    }

    private static ProcessBuilder command(Path home, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/nereid").toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("NEREID_JAVA_HOME", System.getProperty("java.home"));
        return builder;
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
