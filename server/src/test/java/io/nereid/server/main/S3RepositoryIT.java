package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.StatusException;
import io.nereid.repository.PollOptions;
import io.nereid.repository.VersionState;
import io.nereid.repository.store.FaultyProxy;
import io.nereid.repository.store.S3Server;
import io.nereid.server.ServerOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The real server on a repository in a real implementation of S3, with the SDK from the
 * distribution's own folder.
 */
final class S3RepositoryIT {
    private static final String BUCKET = "models";
    private static final String DIGITS = "digits_cnn";
    private static final Map<String, String> KEYS =
            Map.of(
                    "AWS_ACCESS_KEY_ID", S3Server.KEY_ID,
                    "AWS_SECRET_ACCESS_KEY", S3Server.SECRET);

    @TempDir private Path cache;

    private S3Server s3;
    private FaultyProxy proxy;

    @BeforeEach
    void start() throws Exception {
        s3 = new S3Server(BUCKET);
        proxy = new FaultyProxy(s3.port());
        upload(TestServers.examples().resolve(DIGITS), "prod/" + DIGITS + "/");
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        s3.close();
    }

    private void upload(Path directory, String prefix) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                s3.put(BUCKET, prefix + directory.relativize(file), Files.readAllBytes(file));
            }
        }
    }

    private ServerOptions options(Map<String, String> environment) {
        return options(environment, "--model-control-mode=explicit", "--load-model=*");
    }

    private ServerOptions options(Map<String, String> environment, String... control) {
        List<String> flags = new ArrayList<>(List.of(control));
        flags.addAll(
                List.of(
                        "--http-port=0",
                        "--grpc-port=0",
                        "--http-address=127.0.0.1",
                        "--grpc-address=127.0.0.1",
                        "--model-repository=s3://127.0.0.1:"
                                + proxy.port()
                                + "/"
                                + BUCKET
                                + "/prod",
                        "--model-cache-directory=" + cache));
        return TestServers.commandLine(environment, flags);
    }

    private List<String> downloads() {
        return proxy.requests().stream()
                .filter(line -> line.startsWith("GET /" + BUCKET + "/prod/"))
                .toList();
    }

    private static void infer(NereidServer server) throws Exception {
        String zeros = "0,".repeat(63) + "0";
        try (TestClient client = new TestClient(server.httpPort())) {
            String answer =
                    TestClient.text(
                            client.post(
                                    "/v2/models/" + DIGITS + "/infer",
                                    "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[1,1,8,8],\"data\":["
                                            + zeros
                                            + "]}]}"));
            assertThat(answer).contains("\"model_name\":\"" + DIGITS + "\"", "outputs");
        }
    }

    @Test
    void servesAModelAndDownloadsNothingAgainAfterARestart() throws Exception {
        try (NereidServer server = NereidServer.start(options(KEYS))) {
            infer(server);
        }
        assertThat(downloads()).isNotEmpty();
        proxy.forgetRequests();

        try (NereidServer server = NereidServer.start(options(KEYS))) {
            infer(server);
        }

        assertThat(proxy.requests()).as("listings").isNotEmpty();
        assertThat(downloads()).isEmpty();
    }

    @Test
    void isWatched() throws Exception {
        Duration often = Duration.ofMillis(100);
        ServerOptions watching =
                TestServers.withPolling(
                        options(KEYS, "--model-control-mode=poll"),
                        new PollOptions(often, often, Optional.empty()));
        try (NereidServer server = NereidServer.start(watching)) {
            infer(server);
            s3.put(
                    BUCKET,
                    "prod/" + DIGITS + "/2/model.onnx",
                    Files.readAllBytes(
                            TestServers.examples().resolve(DIGITS).resolve("1/model.onnx")));

            Watch.awaitTrue(
                    "version 2",
                    () ->
                            server.index().stream()
                                    .anyMatch(entry ->
                                            entry.version().equals(OptionalLong.of(2))
                                                    && entry.state()
                                                            .equals(
                                                                    Optional.of(
                                                                            VersionState.READY))));
            infer(server);
        }
    }

    @Test
    void isCheckedWithoutServing() throws Exception {
        s3.put(
                BUCKET,
                "prod/broken/config.pbtxt",
                "backend: 'identity'\nimput { }\n".getBytes(StandardCharsets.UTF_8));
        ValidateCommand command = new ValidateCommand();
        String url = "s3://127.0.0.1:" + proxy.port() + "/" + BUCKET + "/prod";
        new CommandLine(command).parseArgs(url);
        StringWriter printed = new StringWriter();
        Map<String, String> environment = new HashMap<>(KEYS);
        environment.put("XDG_CACHE_HOME", cache.toString());

        int status =
                command.run(
                        environment,
                        TestServers.home(),
                        new PrintWriter(printed),
                        new PrintWriter(new StringWriter()));

        assertThat(status).isEqualTo(ValidateCommand.FINDINGS);
        assertThat(printed.toString())
                .contains("1 version ready to load")
                .contains(url + "/broken/config.pbtxt:2:1")
                .doesNotContain(cache.toString());
    }

    @Test
    void reloadsOnlyWhatChanged() throws Exception {
        try (NereidServer server = NereidServer.start(options(KEYS));
                TestClient client = new TestClient(server.httpPort())) {
            proxy.forgetRequests();
            s3.put(
                    BUCKET,
                    "prod/" + DIGITS + "/labels.txt",
                    "null\n".repeat(10).getBytes(StandardCharsets.UTF_8));

            assertThat(client.post("/v2/repository/models/" + DIGITS + "/load", "{}").statusCode())
                    .isEqualTo(200);

            assertThat(downloads()).hasSize(1);
            infer(server);
        }
    }

    @Test
    void saysWhoseKeyIsWrong() {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() ->
                        NereidServer.start(
                                        options(
                                                Map.of(
                                                        "AWS_ACCESS_KEY_ID",
                                                        S3Server.KEY_ID,
                                                        "AWS_SECRET_ACCESS_KEY",
                                                        "wrong")))
                                .close())
                .withMessageContaining("failed to list 's3://127.0.0.1:" + proxy.port())
                .withMessageContaining("Check account credentials.")
                .withMessageContaining("SignatureDoesNotMatch");
    }
}
