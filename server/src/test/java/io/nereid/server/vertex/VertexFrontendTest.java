package io.nereid.server.vertex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.server.FakeModel;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.RestrictedApis;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The routes that Vertex AI names in the environment. */
final class VertexFrontendTest {
    private static final String JSON =
            "{\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[16],"
                    + "\"data\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}]}";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("echo", 0, 1), 1));
        fixture.server().initialized();
    }

    private int start(Optional<String> model, RestrictedApis restricted) {
        return start(model, Optional.of("/predict"), Optional.of("/health"), restricted);
    }

    private int start(
            Optional<String> model,
            Optional<String> predict,
            Optional<String> health,
            RestrictedApis restricted) {
        return fixture.closeLater(
                        VertexFrontend.start(
                                fixture.server(),
                                new VertexFrontend.Settings(
                                        0, 4096, 16, () -> model, predict, health),
                                new ApiGate(restricted),
                                dialect ->
                                        (head, exchange) ->
                                                exchange.reply(
                                                        HttpReply.json(
                                                                head.path()
                                                                        .getBytes(
                                                                                StandardCharsets
                                                                                        .UTF_8))),
                                fixture.transport()))
                .port();
    }

    private RawClient.Reply ask(int port, String line, String body, String... headers)
            throws IOException {
        String[] all = new String[headers.length + 1];
        System.arraycopy(headers, 0, all, 0, headers.length);
        all[headers.length] = "Content-Length: " + body.length();
        try (RawClient client = fixture.client(port)) {
            return client.request(line + " HTTP/1.1", all).send(body).read();
        }
    }

    @Test
    void predictsWithTheDefaultModel() throws IOException {
        int port = start(Optional.of("echo"), RestrictedApis.NONE);
        RawClient.Reply reply = ask(port, "POST /predict", JSON);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).startsWith("{\"model_name\":\"echo\"");
        assertThat(ask(port, "GET /predict", "").status()).isEqualTo(405);
        assertThat(ask(port, "GET /health", "").status()).isEqualTo(200);
        assertThat(ask(port, "POST /health", "").status()).isEqualTo(405);
        assertThat(ask(port, "GET /v2", "").status()).isEqualTo(400);
    }

    @Test
    void announcesBinaryDataInTheContentType() throws IOException {
        int port = start(Optional.of("echo"), RestrictedApis.NONE);
        String json =
                "{\"inputs\":[{\"name\":\"X0\",\"datatype\":\"INT32\",\"shape\":[16],"
                        + "\"parameters\":{\"binary_data_size\":64}}],"
                        + "\"parameters\":{\"binary_data_output\":true}}";
        String type = "application/vnd.vertex-ai-triton.binary+json;json-header-size=";
        RawClient.Reply reply =
                ask(
                        port,
                        "POST /predict",
                        json + "a".repeat(64),
                        "Content-Type: " + type + json.length());

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).endsWith("a".repeat(64));
        assertThat(reply.header("Content-Type")).isEqualTo(type + (reply.body().length() - 64));
    }

    @Test
    void redirectsToAnyPathOfTheProtocol() throws IOException {
        int port = start(Optional.empty(), RestrictedApis.NONE);

        assertThat(
                        ask(
                                        port,
                                        "POST /predict",
                                        "",
                                        "X-Vertex-Ai-Triton-Redirect: v2/repository/index")
                                .body())
                .isEqualTo("/v2/repository/index");
    }

    @Test
    void saysThatThereIsNoDefaultModel() throws IOException {
        RawClient.Reply reply =
                ask(start(Optional.empty(), RestrictedApis.NONE), "POST /predict", JSON);

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.body()).contains("start with --vertex-ai-default-model");
    }

    @Test
    void keepsRestrictedEndpointsClosed() throws IOException {
        int port =
                start(
                        Optional.of("echo"),
                        new RestrictedApis(
                                Map.of(
                                        ApiCategory.INFERENCE,
                                        new RestrictedApis.Header("key", "value"))));

        assertThat(ask(port, "POST /predict", JSON).status()).isEqualTo(403);
        assertThat(ask(port, "POST /predict", JSON, "key: value").status()).isEqualTo(200);
        assertThat(ask(port, "GET /health", "").status()).isEqualTo(200);
    }

    @Test
    void needsTheRoutesOfTheEnvironment() {
        assertThatThrownBy(() ->
                        start(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("/health"),
                                RestrictedApis.NONE))
                .hasMessage("AIP_PREDICT_ROUTE is not defined for Vertex AI endpoint");
        assertThatThrownBy(() ->
                        start(
                                Optional.empty(),
                                Optional.of("/predict"),
                                Optional.empty(),
                                RestrictedApis.NONE))
                .hasMessage("AIP_HEALTH_ROUTE is not defined for Vertex AI endpoint");
    }
}
