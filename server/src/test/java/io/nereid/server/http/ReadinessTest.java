package io.nereid.server.http;

import static io.nereid.server.http.RunningHttp.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.RunningBatch;
import io.nereid.server.FakeModel;
import io.nereid.server.TestOptions;
import io.nereid.server.health.StuckInstance;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients see of a model one of whose instances hangs. */
class ReadinessTest {
    private static final String TEXT =
            "model 'm' version 1 is stuck: instance 'm_0' has executed one batch for 77 s";

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private RunningHttp http;

    @BeforeEach
    void start() {
        fixture.catalog()
                .add(FakeModel.echo(FakeModel.config("m", 0, 1), 1))
                .add(FakeModel.echo(FakeModel.config("m", 0, 1), 2))
                .add(FakeModel.echo(FakeModel.config("other", 0, 1), 1));
        fixture.server().initialized();
        http = new RunningHttp(fixture, TestOptions.http(true, 1 << 20));
    }

    @Test
    void namesTheInstanceThatHangsAndIsReadyAgainAfterwards() throws IOException {
        fixture.stuck.set(
                List.of(
                        new StuckInstance(
                                "m", 1, new RunningBatch("m_0", 0, Thread.currentThread()), 77)));

        assertError(http.get("/v2/health/ready"), 503, TEXT);
        assertError(http.get("/v2/models/m/versions/1/ready"), 503, TEXT);

        fixture.stuck.set(List.of());
        assertThat(http.get("/v2/health/ready").status()).isEqualTo(200);
        assertThat(http.get("/v2/models/m/versions/1/ready").status()).isEqualTo(200);
    }

    @Test
    void leavesOtherVersionsAndModelsReady() throws IOException {
        fixture.stuck.set(
                List.of(
                        new StuckInstance(
                                "m", 1, new RunningBatch("m_0", 0, Thread.currentThread()), 77)));

        assertThat(http.get("/v2/health/live").status()).isEqualTo(200);
        assertThat(http.get("/v2/models/m/versions/2/ready").status()).isEqualTo(200);
        assertThat(http.get("/v2/models/m/ready").status()).isEqualTo(200);
        assertThat(http.get("/v2/models/other/ready").status()).isEqualTo(200);
    }
}
