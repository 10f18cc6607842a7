package io.nereid.server.http;

import static org.assertj.core.api.Assertions.assertThat;

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

/**
 * Requests whose model is unloaded between their head and their body. That every lease ends is
 * checked after each test.
 */
class UnloadedMeanwhileTest {
    private static final String BODY =
            """
            {"inputs":[{"name":"X0","datatype":"INT32","shape":[16],
            "data":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}]}
            """;

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private HttpFrontend frontend;

    @BeforeEach
    void start() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("m", 0, 1), 1));
        fixture.server().initialized();
        frontend =
                fixture.closeLater(
                        HttpFrontend.start(
                                fixture.server(),
                                TestOptions.http(true, 1 << 20),
                                fixture.transport()));
    }

    /** A client that has been told to send its body. */
    private RawClient welcome(String path, int length) throws IOException {
        RawClient client =
                fixture.client(frontend.port())
                        .request(
                                "POST " + path + " HTTP/1.1",
                                "Content-Length: " + length,
                                "Expect: 100-continue");
        assertThat(client.readHead().statusLine()).isEqualTo("HTTP/1.1 100 Continue");
        assertThat(fixture.catalog().leases()).isEqualTo(1);
        return client;
    }

    @Test
    void areAnswered() throws IOException {
        RawClient client = welcome("/v2/models/m/infer", BODY.length());
        fixture.catalog().remove("m");

        client.send(BODY);

        assertThat(client.read().status()).isEqualTo(200);
        client.request("GET /v2/models/m/ready HTTP/1.1");
        assertThat(client.read().status()).isEqualTo(404);
    }

    @Test
    void areAnsweredWithTheLabelsOfTheirModel() throws IOException {
        fixture.catalog().label("Y0", 15, "last");
        String classes =
                BODY.replace(
                        "{\"inputs\"",
                        "{\"outputs\":[{\"name\":\"Y0\",\"parameters\":{\"classification\":1}}],"
                                + "\"inputs\"");
        RawClient client = welcome("/v2/models/m/infer", classes.length());
        fixture.catalog().remove("m");

        client.send(classes);

        assertThat(client.read().body()).contains("[\"15:15:last\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/models/m/infer", "/v2/models/m/generate"})
    void letTheModelGoIfTheirBodyIsNoRequest(String path) throws IOException {
        RawClient client = welcome(path, 1);

        client.send("{");

        assertThat(client.read().status()).isEqualTo(400);
        assertThat(fixture.catalog().leases()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/models/m/infer", "/v2/models/m/generate"})
    void letTheModelGoIfTheirClientGoes(String path) throws IOException {
        RawClient client = welcome(path, 100);

        client.send("{");
        client.reset();
    }

    @Test
    void letTheModelGoIfTheirBodyIsTooLarge() throws IOException {
        int length = (1 << 20) + 1;
        RawClient client =
                fixture.client(frontend.port())
                        .request(
                                "POST /v2/models/m/infer HTTP/1.1",
                                "Content-Length: " + length,
                                "Expect: 100-continue");

        assertThat(client.read().status()).isEqualTo(400);
        assertThat(fixture.catalog().leases()).isZero();
    }
}
