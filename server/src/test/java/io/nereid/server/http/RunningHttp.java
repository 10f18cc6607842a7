package io.nereid.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.server.ServerOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An HTTP front end that runs, and a client of it. */
final class RunningHttp {
    private final ServerFixture fixture;
    private final HttpFrontend frontend;

    RunningHttp(ServerFixture fixture, ServerOptions.Http options) {
        this.fixture = fixture;
        this.frontend =
                fixture.closeLater(
                        HttpFrontend.start(fixture.server(), options, fixture.transport()));
    }

    int port() {
        return frontend.port();
    }

    RawClient.Reply get(String path, String... headers) throws IOException {
        return send("GET", path, headers);
    }

    /** A request without body. */
    RawClient.Reply send(String method, String path, String... headers) throws IOException {
        return fixture.client(frontend.port())
                .request(method + " " + path + " HTTP/1.1", headers)
                .read();
    }

    RawClient.Reply post(String path, String body, String... headers) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Length: " + bytes.length;
        return fixture.client(frontend.port())
                .request("POST " + path + " HTTP/1.1", all)
                .send(bytes)
                .read();
    }

    static void assertJson(RawClient.Reply reply, String json) {
        assertThat(reply.body()).isEqualTo(json);
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    }

    /** Done, with nothing to tell. */
    static void assertDone(RawClient.Reply reply) {
        assertJson(reply, "");
        assertThat(reply.header("Content-Length")).isEqualTo("0");
    }

    static void assertError(RawClient.Reply reply, int status, String text) {
        assertThat(reply.body()).isEqualTo("{\"error\":\"" + text.replace("\"", "\\\"") + "\"}");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    }
}
