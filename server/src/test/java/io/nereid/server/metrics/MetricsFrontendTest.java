package io.nereid.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.FailureReason;
import io.nereid.protocol.ModelConfig;
import io.nereid.server.FakeModel;
import io.nereid.server.ServerOptions;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import io.nereid.server.statistics.OpenVersion;
import io.nereid.server.statistics.OpenVersions;
import io.nereid.server.statistics.VersionCounters;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MetricsFrontendTest {
    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final OpenVersions versions = new OpenVersions();

    private String page(ServerOptions.Metrics options) throws IOException {
        return get(options, "/metrics").body();
    }

    private RawClient.Reply get(ServerOptions.Metrics options, String path) throws IOException {
        int port =
                fixture.closeLater(MetricsFrontend.start(fixture.server(), options, versions))
                        .port();
        return fixture.client(port).request("GET " + path + " HTTP/1.1").send(new byte[0]).read();
    }

    private VersionCounters open(ModelConfig config) {
        VersionCounters counters = new VersionCounters(true, () -> 0);
        versions.opening(new OpenVersion(config, 1, counters));
        return counters;
    }

    private static ModelConfig tagged(String tag, String value) {
        return ModelConfig.of(
                FakeModel.config("m", 0, 1).message().toBuilder()
                        .putMetricTags(tag, value)
                        .build());
    }

    @Test
    void showsAVersionFromTheBeginningOfItsLoad() throws IOException {
        open(FakeModel.config("m", 0, 1));

        assertThat(page(TestOptions.metrics()))
                .contains(
                        """
                        # HELP nv_inference_count Number of inferences performed (does not include \
                        cached requests)
                        # TYPE nv_inference_count counter
                        nv_inference_count{model="m",version="1"} 0
                        """);
    }

    @Test
    void tellsFailuresApartByTheirReason() throws IOException {
        open(FakeModel.config("m", 0, 1)).failed(FailureReason.REJECTED, 5);

        assertThat(page(TestOptions.metrics()))
                .contains(
                        """
                        nv_inference_request_failure{model="m",reason="BACKEND",version="1"} 0
                        nv_inference_request_failure{model="m",reason="CANCELED",version="1"} 0
                        nv_inference_request_failure{model="m",reason="OTHER",version="1"} 0
                        nv_inference_request_failure{model="m",reason="REJECTED",version="1"} 1
                        """);
    }

    @Test
    void labelsSeriesWithTheTagsOfTheModel() throws IOException {
        open(tagged("team", "a \"b\" \\ c"));

        assertThat(page(TestOptions.metrics()))
                .contains(
                        "nv_inference_count{_team=\"a \\\"b\\\" \\\\ c\",model=\"m\",version=\"1\"} 0");
    }

    @Test
    void leavesOutWhatIsSwitchedOff() throws IOException {
        open(FakeModel.config("m", 0, 1));
        ServerOptions.Metrics quiet =
                new ServerOptions.Metrics(
                        true, "127.0.0.1", 0, Duration.ofSeconds(2), false, false, List.of());

        assertThat(page(quiet))
                .contains("nv_inference_request_success{")
                .doesNotContain("_duration_us", "nv_cpu_");
    }

    @Test
    void hasNoFamiliesWithoutSeries() throws IOException {
        assertThat(page(TestOptions.metrics()))
                .doesNotContain("nv_inference")
                .contains("nv_pinned_memory_pool_total_bytes 0\n");
    }

    @Test
    void answersOtherPathsWithAnEmptyPage() throws IOException {
        RawClient.Reply reply = get(TestOptions.metrics(), "/metrics/");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEmpty();
    }
}
