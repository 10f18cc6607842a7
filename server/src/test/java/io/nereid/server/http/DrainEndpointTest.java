package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertError;
import static io.nereid.server.http.RunningHttp.assertJson;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.HeaderForwarding;
import io.nereid.server.security.RestrictedApis;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may stop the server, and what is served until it has stopped. */
class DrainEndpointTest {
    private static final String DRAIN = "/v2/admin/drain";
    private static final String BODY =
            """
            {"inputs":[{"name":"X0","datatype":"INT32","shape":[16],
            "data":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]}]}
            """;

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    @BeforeEach
    void addModel() {
        fixture.catalog().add(FakeModel.echo(FakeModel.config("m", 0, 1), 1));
        fixture.server().initialized();
    }

    private RunningHttp open() {
        return new RunningHttp(fixture, TestOptions.http(true, 1 << 20));
    }

    private RunningHttp restricted() {
        RestrictedApis admin =
                new RestrictedApis(
                        Map.of(ApiCategory.ADMIN, new RestrictedApis.Header("key", "secret")));
        return new RunningHttp(
                fixture, TestOptions.http(true, 1 << 20, admin, HeaderForwarding.NONE, List.of()));
    }

    @Test
    void makesTheServerUnreadyAndAsksForItsEnd() throws IOException {
        RunningHttp http = open();
        assertThat(fixture.server().stopAsked()).isNotDone();

        assertJson(http.post(DRAIN, ""), "{\"state\":\"draining\",\"inflight_requests\":0}");

        assertThat(fixture.server().stopAsked()).isDone();
        assertError(http.get("/v2/health/ready"), 503, "Server exiting");
        assertError(http.get("/v2/models/m/ready"), 503, "Server exiting");
    }

    @Test
    void servesWhoComesNevertheless() throws IOException {
        RunningHttp http = open();
        http.post(DRAIN, "");

        assertThat(http.get("/v2/health/live").status()).isEqualTo(200);
        assertThat(http.get("/v2/models/m").status()).isEqualTo(200);
        assertThat(http.post("/v2/models/m/infer", BODY).status()).isEqualTo(200);
    }

    @Test
    void answersTheSameHoweverOftenItIsAsked() throws IOException {
        RunningHttp http = open();
        RawClient.Reply first = http.post(DRAIN, "");

        assertThat(http.post(DRAIN, "").body()).isEqualTo(first.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: https://example.com",
                "X-Forwarded-For: 10.1.2.3",
                "Forwarded: for=10.1.2.3",
                "Via: 1.1 proxy"
            })
    void refusesWhoeverIsBehindABrowserOrAProxy(String header) throws IOException {
        RawClient.Reply reply = open().post(DRAIN, "", header);

        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.body()).contains("--http-restricted-api=admin:<key>=<value>");
        assertThat(fixture.server().isStopping()).isFalse();
    }

    @Test
    void asksForTheSecretOfItsCategoryInsteadIfThereIsOne() throws IOException {
        RunningHttp http = restricted();

        assertThat(http.post(DRAIN, "").status()).isEqualTo(403);
        assertThat(fixture.server().isStopping()).isFalse();

        assertThat(http.post(DRAIN, "", "key: secret", "Via: 1.1 proxy").status()).isEqualTo(200);
        assertThat(fixture.server().isStopping()).isTrue();
    }

    @Test
    void isNothingThatALinkCouldDo() throws IOException {
        assertThat(open().get(DRAIN).status()).isEqualTo(405);
        assertThat(fixture.server().isStopping()).isFalse();
    }
}
