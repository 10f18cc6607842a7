package io.nereid.server.sagemaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.FakeModel;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.RestrictedApis;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The multi-model endpoints (SageMaker section 8). */
final class MultiModelTest {
    private static final String INFER =
            "{\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[16],"
                    + "\"data\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}]}";
    private static final String TARGET = "X-Amzn-SageMaker-Target-Model: a.tar.gz";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    @TempDir private Path archives;

    private int port;

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("a.tar.gz", 0, 1), 1));
        fixture.server().initialized();
        port = start(RestrictedApis.NONE);
    }

    private int start(RestrictedApis restricted) {
        return fixture.closeLater(
                        SageMakerFrontend.start(
                                fixture.server(),
                                new SageMakerFrontend.Settings(
                                        0,
                                        4096,
                                        Optional::empty,
                                        "infer",
                                        PingMode.LIVE,
                                        new ApiGate(restricted),
                                        archives),
                                fixture.transport()))
                .port();
    }

    private RawClient.Reply ask(String line, String body, String... headers) throws IOException {
        return askAt(port, line, body, headers);
    }

    private RawClient.Reply askAt(int to, String line, String body, String... headers)
            throws IOException {
        String[] all = new String[headers.length + 1];
        System.arraycopy(headers, 0, all, 0, headers.length);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        all[headers.length] = "Content-Length: " + bytes.length;
        try (RawClient client = fixture.client(to)) {
            return client.request(line + " HTTP/1.1", all).send(bytes).read();
        }
    }

    private RawClient.Reply load(String hash, String url, String... headers) throws IOException {
        return ask(
                "POST /models",
                "{\"model_name\":\"" + hash + "\",\"url\":\"" + url + "\",\"more\":1}",
                headers);
    }

    private Path archive(String hash, String... directories) throws IOException {
        Path url = archives.resolve(hash).resolve("model");
        for (String directory : directories) {
            Files.createDirectories(url.resolve(directory));
        }
        return url;
    }

    @Test
    void loadsListsDescribesInvokesAndUnloads() throws IOException {
        Path url = archive("h1", "net");
        assertThat(load("h1", url.toString(), TARGET).status()).isEqualTo(200);
        String entry = "{\"modelName\":\"h1\",\"modelUrl\":\"" + url + "\"}";
        assertThat(ask("GET /models", "").body()).isEqualTo("{\"models\":[" + entry + "]}");
        assertThat(ask("GET /models/", "").body()).isEqualTo("{\"models\":[" + entry + "]}");
        assertThat(ask("GET /models/h1", "").body()).isEqualTo(entry);
        assertThat(ask("GET /models/h1/invoke", "").body()).isEqualTo(entry);
        RawClient.Reply answer = ask("POST /models/h1/invoke", INFER);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).startsWith("{\"model_name\":\"a.tar.gz\"");
        assertThat(ask("DELETE /models/h1", "").status()).isEqualTo(200);
        assertThat(ask("GET /models", "").body()).isEqualTo("{\"models\":[]}");
        assertThat(ask("DELETE /models/h1", "").status()).isEqualTo(404);
        assertThat(ask("GET /models/h1", "").status()).isEqualTo(404);
        assertThat(ask("POST /models/h1/invoke", INFER).status()).isEqualTo(404);
        assertThat(fixture.extensions().calls)
                .containsExactly(
                        "register " + url + " {net=a.tar.gz}",
                        "load a.tar.gz Optional.empty []",
                        "unload a.tar.gz true",
                        "awaitUnloaded a.tar.gz",
                        "unregister " + url);
    }

    @Test
    void servesTheEnsembleOfAnArchive() throws IOException {
        Path url = archive("h1", "dali", "ensemble", "net");
        Files.writeString(
                url.resolve("ensemble").resolve("config.pbtxt"), "platform:\n \"ensemble\"");
        load("h1", url.toString(), TARGET);

        assertThat(fixture.extensions().calls).contains("register " + url + " {ensemble=a.tar.gz}");
    }

    @Test
    void servesAFlatArchive() throws IOException {
        Path url = archive("h1", "1");
        Files.writeString(url.resolve("config.pbtxt"), "");
        load("h1", url.toString());

        assertThat(fixture.extensions().calls)
                .contains("register " + archives.resolve("h1") + " {model=h1}");
    }

    @Test
    void listsWhatIsReadyOnly() throws IOException {
        load("h1", archive("h1", "net").toString());

        assertThat(ask("GET /models", "").body()).isEqualTo("{\"models\":[]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/somewhere/else", "$/h1/other", "$/h1/model/a/b", "$/h 1/model", "$/model"})
    void refusesPlacesThatThePlatformDoesNotUse(String url) throws IOException {
        String full = url.replace("$", archives.toString());
        RawClient.Reply reply = load("h1", full);

        assertThat(reply.body())
                .isEqualTo(
                        "{\"error\":\"Invalid \\\"url\\\" '"
                                + full
                                + "': expected a path of the form "
                                + archives
                                + "/<hash>/model[/<subdir>]\"}");
        assertThat(reply.status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/x", "/proc/1/model", "/sys", "/opt/../dev/shm"})
    void looksNotAtDevices(String url) throws IOException {
        RawClient.Reply reply = load("h1", url);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"model_name\":1,\"url\":\"x\"}", "{\"url\":\"x\"}", "[]"})
    void refusesBodiesThatAreNoLoadRequests(String body) throws IOException {
        RawClient.Reply reply = ask("POST /models", body);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).startsWith("{\"error\":\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALREADY_EXISTS | model repository has already been registered | 409",
                "NOT_FOUND | failed to register 'x', repository not found | 400",
                "INVALID_ARG | load failed for model 'a': CUDA out of memory | 507",
                "INTERNAL | memory limit set for KIND_GPU 0 has exceeded | 507",
                "INVALID_ARG | load failed for model 'h1': broken | 400"
            })
    void tellsThePlatformWhyALoadFailed(StatusCode code, String text, int status)
            throws IOException {
        Path url = archive("h1", "net");
        fixture.extensions().failNext(new StatusException(code, text));
        RawClient.Reply reply = load("h1", url.toString());

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).isEqualTo("{\"error\":\"" + text + "\"}");
        assertThat(ask("GET /models/h1", "").status()).isEqualTo(404);
    }

    @Test
    void aModelMayBeCalledOOM() throws IOException {
        Path url = archive("BLOOM", "net");
        fixture.extensions()
                .failNext(StatusException.invalidArgument("load failed for model 'BLOOM': no"));

        assertThat(load("BLOOM", url.toString()).status()).isEqualTo(400);
    }

    @Test
    void anErrorOfInferenceIsA400() throws IOException {
        load("h1", archive("h1", "net").toString(), TARGET);
        assertThat(ask("POST /models/h1/invoke", "{").status()).isEqualTo(400);
        fixture.catalog().remove("a.tar.gz");
        RawClient.Reply gone = ask("POST /models/h1/invoke", INFER);
        assertThat(gone.status()).isEqualTo(400);
        assertThat(gone.body())
                .isEqualTo("{\"error\":\"Request for unknown model: 'a.tar.gz' is not found\"}");
    }

    @Test
    void anUnloadThatFailsKeepsTheModel() throws IOException {
        load("h1", archive("h1", "net").toString(), TARGET);
        fixture.extensions().failNext(new StatusException(StatusCode.INTERNAL, "stuck"));
        RawClient.Reply reply = ask("DELETE /models/h1", "");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).isEqualTo("{\"error\":\"stuck\"}");
        assertThat(ask("GET /models/h1", "").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"PUT,/models", "DELETE,/models", "GET,/models/x/", "GET,/other", "PUT,/models/x"})
    void answersAnythingElseWithAnEmpty400(String method, String path) throws IOException {
        RawClient.Reply reply = ask(method + " " + path, "");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).isEmpty();
    }

    @Test
    void keepsRestrictedEndpointsClosed() throws IOException {
        RestrictedApis.Header secret = new RestrictedApis.Header("X-SM-Auth", "secret");
        int restricted =
                start(
                        new RestrictedApis(
                                Map.of(
                                        ApiCategory.MODEL_REPOSITORY,
                                        secret,
                                        ApiCategory.INFERENCE,
                                        secret)));
        for (String line :
                new String[] {
                    "GET /models",
                    "GET /models/x",
                    "POST /models",
                    "DELETE /models/x",
                    "POST /invocations"
                }) {
            RawClient.Reply reply = askAt(restricted, line, "");
            assertThat(reply.status()).as(line).isEqualTo(403);
            assertThat(reply.body())
                    .isEqualTo(
                            "{\"error\":\"This API is restricted, expecting header"
                                    + " 'X-SM-Auth'\"}");
        }
        assertThat(askAt(restricted, "GET /ping", "").status()).isEqualTo(200);
        assertThat(askAt(restricted, "POST /models/x/invoke", "").status()).isEqualTo(404);
        assertThat(askAt(restricted, "GET /models", "", "X-SM-Auth: secret").status())
                .isEqualTo(200);
    }
}
