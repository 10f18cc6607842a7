package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ResponseSender;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that say how long their client waits. */
class DeadlineTest {
    private static final String BODY =
            """
            {"inputs":[{"name":"X0","datatype":"INT32","shape":[16],
            "data":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}]}
            """;

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private RunningHttp http;

    @BeforeEach
    void start() {
        fixture.catalog()
                .add(FakeModel.echo(FakeModel.config("quick", 0, 1), 1))
                .add(new FakeModel(FakeModel.config("queue", 0, 1), 1, DeadlineTest::await));
        fixture.server().initialized();
        http = new RunningHttp(fixture, TestOptions.http(true, 1 << 20));
    }

    /** As a queue whose instances never become free. */
    private static void await(InferenceRequest request, ResponseSender sender) {
        request.onCancel(() -> {
            request.close();
            sender.fail(request.cancellation().orElseThrow());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"infer", "generate", "generate_stream"})
    void areAnsweredWhenTheTimeIsOver(String action) throws IOException {
        RawClient client = fixture.client(http.port());
        String body = action.equals("infer") ? BODY : generate();
        client.request(
                        "POST /v2/models/queue/" + action + " HTTP/1.1",
                        "X-Request-Timeout-Ms: 50",
                        "Content-Length: " + body.length())
                .send(body);

        RawClient.Reply reply = client.read();

        assertThat(reply.body()).contains("Request timeout expired");
        assertThat(reply.status()).isEqualTo(504);
        client.request("GET /v2/health/live HTTP/1.1");
        assertThat(client.read().status()).isEqualTo(200);
    }

    private static String generate() {
        return "{\"X0\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}";
    }

    @Test
    void areAnsweredAsEverWithinTheTime() throws IOException {
        RawClient.Reply reply =
                http.post("/v2/models/quick/infer", BODY, "X-Request-Timeout-Ms: 60000");

        assertThat(reply.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "1s", "86400001", "99999999999999999999"})
    void areRefusedIfTheTimeIsNone(String value) throws IOException {
        assertError(
                http.post("/v2/models/quick/infer", BODY, "X-Request-Timeout-Ms: " + value),
                400,
                "header X-Request-Timeout-Ms must be a whole number of milliseconds from 1 to"
                        + " 86400000, got: "
                        + value);
    }
}
