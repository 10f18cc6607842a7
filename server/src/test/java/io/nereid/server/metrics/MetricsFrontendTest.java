package io.nereid.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Execution;
import io.nereid.backend.FailureReason;
import io.nereid.backend.Model;
import io.nereid.backend.cache.CacheFigures;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.server.CapturedLog;
import io.nereid.server.FakeModel;
import io.nereid.server.ServerOptions;
import io.nereid.server.TestOptions;
import io.nereid.server.measures.MeasureSettings;
import io.nereid.server.measures.VersionMeasures;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.ServerFixture;
import io.nereid.server.statistics.OpenVersion;
import io.nereid.server.statistics.OpenVersions;
import io.nereid.server.statistics.VersionCounters;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MetricsFrontendTest {
    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final OpenVersions versions = new OpenVersions();
    private Optional<CacheFigures> figures = Optional.empty();

    private String page(ServerOptions.Metrics options) throws IOException {
        return get(options, "/metrics").body();
    }

    private RawClient.Reply get(ServerOptions.Metrics options, String path) throws IOException {
        int port =
                fixture.closeLater(
                                MetricsFrontend.start(
                                        fixture.server(), options, versions, () -> figures))
                        .port();
        return fixture.client(port).request("GET " + path + " HTTP/1.1").send(new byte[0]).read();
    }

    private VersionCounters open(ModelConfig config) {
        VersionCounters counters = new VersionCounters(true, () -> 0);
        versions.opening(new OpenVersion("", config, 1, counters, false));
        return counters;
    }

    private VersionCounters open(ModelConfig config, VersionMeasures measures) {
        VersionCounters counters = new VersionCounters(true, () -> 0, measures);
        versions.opening(new OpenVersion("", config, 1, counters, false));
        return counters;
    }

    /** Two requests that waited for so long, executed together in no time. */
    private static Execution execution(long queueNanos, long otherQueueNanos) {
        return new Execution(
                ComputeNanos.NONE,
                List.of(
                        new Execution.Request(1, queueNanos, queueNanos, Optional.empty()),
                        new Execution.Request(
                                1, otherQueueNanos, otherQueueNanos, Optional.empty())));
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
    void showsWhatTheCacheDidForVersionsThatUseIt() throws IOException {
        open(FakeModel.config("plain", 0, 1));
        VersionCounters counters = new VersionCounters(true, () -> 0);
        counters.cacheHit(7000);
        counters.cacheHit(2000);
        counters.cacheMiss(5500);
        versions.opening(new OpenVersion("", FakeModel.config("m", 0, 1), 1, counters, true));

        assertThat(page(TestOptions.metrics()))
                .contains(
                        """
                        # HELP nv_cache_num_hits_per_model Number of cache hits per model
                        # TYPE nv_cache_num_hits_per_model counter
                        nv_cache_num_hits_per_model{model="m",version="1"} 2
                        # HELP nv_cache_num_misses_per_model Number of cache misses per model
                        # TYPE nv_cache_num_misses_per_model counter
                        nv_cache_num_misses_per_model{model="m",version="1"} 1
                        # HELP nv_cache_hit_duration_per_model Total cache hit duration per model, \
                        in microseconds
                        # TYPE nv_cache_hit_duration_per_model counter
                        nv_cache_hit_duration_per_model{model="m",version="1"} 9
                        # HELP nv_cache_miss_duration_per_model Total cache miss (insert+lookup) \
                        duration per model, in microseconds
                        # TYPE nv_cache_miss_duration_per_model counter
                        nv_cache_miss_duration_per_model{model="m",version="1"} 5
                        """)
                .contains("nv_inference_request_success{model=\"m\",version=\"1\"} 2\n");
    }

    @Test
    void showsWhatTheCacheTellsOfItself() throws IOException {
        figures = Optional.of(new CacheFigures(0.25, 1, 7, 4, 3, 2, 11_900, 13_000));

        assertThat(page(TestOptions.metrics()))
                .contains(
                        "nv_cache_util 0.25\n",
                        "nv_cache_num_entries 1\n",
                        "nv_cache_num_lookups 7\n",
                        "nv_cache_num_hits 4\n",
                        "nv_cache_num_misses 3\n",
                        "nv_cache_num_evictions 2\n",
                        "# TYPE nv_cache_lookup_duration gauge\nnv_cache_lookup_duration 11\n",
                        "nv_cache_insertion_duration 13\n");
    }

    @Test
    void leavesOutWhatIsSwitchedOff() throws IOException {
        open(FakeModel.config("m", 0, 1));
        ServerOptions.Metrics quiet =
                new ServerOptions.Metrics(
                        true,
                        "127.0.0.1",
                        0,
                        Duration.ofSeconds(2),
                        false,
                        false,
                        false,
                        MeasureSettings.NONE,
                        List.of());

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

    @Test
    void writesHistogramsWithSumsOfAllBucketsUpToEachLimit() throws IOException {
        VersionMeasures measures =
                VersionMeasures.of(MeasureSettings.DEFAULT, FakeModel.config("m", 0, 1));
        open(FakeModel.config("m", 0, 1), measures).executed(execution(30_000, 60_000));

        assertThat(page(TestOptions.metrics()))
                .contains(
                        """
                        # TYPE nv_inference_queue_duration_histogram_us histogram
                        nv_inference_queue_duration_histogram_us_count{model="m",version="1"} 2
                        nv_inference_queue_duration_histogram_us_sum{model="m",version="1"} 90
                        nv_inference_queue_duration_histogram_us_bucket{model="m",version="1",le="10"} 0
                        nv_inference_queue_duration_histogram_us_bucket{model="m",version="1",le="25"} 0
                        nv_inference_queue_duration_histogram_us_bucket{model="m",version="1",le="50"} 1
                        nv_inference_queue_duration_histogram_us_bucket{model="m",version="1",le="100"} 2
                        """,
                        "nv_inference_queue_duration_histogram_us_bucket{model=\"m\",version=\"1\",le=\"+Inf\"} 2\n");
    }

    @Test
    void writesSummariesWithTheirQuantiles() throws IOException {
        MeasureSettings settings =
                new MeasureSettings(
                        false, false, List.of(new MeasureSettings.Quantile(0.5, 0)), false);
        VersionMeasures measures = VersionMeasures.of(settings, FakeModel.config("m", 0, 1));
        open(FakeModel.config("m", 0, 1), measures).executed(execution(30_000, 30_000));

        assertThat(page(TestOptions.metrics(settings)))
                .contains(
                        """
                        # TYPE nv_inference_queue_summary_us summary
                        nv_inference_queue_summary_us_count{model="m",version="1"} 2
                        nv_inference_queue_summary_us_sum{model="m",version="1"} 60
                        nv_inference_queue_summary_us{model="m",version="1",quantile="0.5"} 30
                        """);
    }

    @Test
    void summarizesWhatTheCacheDidForVersionsThatUseIt() throws IOException {
        MeasureSettings settings =
                new MeasureSettings(
                        false, false, List.of(new MeasureSettings.Quantile(0.5, 0)), false);
        ModelConfig config = FakeModel.config("m", 0, 1);
        VersionCounters counters =
                new VersionCounters(true, () -> 0, VersionMeasures.of(settings, config));
        counters.cacheHit(7000);
        counters.cacheMiss(5500);
        versions.opening(new OpenVersion("", config, 1, counters, true));

        assertThat(page(TestOptions.metrics(settings)))
                .contains(
                        """
                        nv_cache_hit_summary_per_model_count{model="m",version="1"} 1
                        nv_cache_hit_summary_per_model_sum{model="m",version="1"} 7
                        nv_cache_hit_summary_per_model{model="m",version="1",quantile="0.5"} 7
                        """,
                        "nv_cache_miss_summary_per_model_sum{model=\"m\",version=\"1\"} 5\n")
                .doesNotContain("nv_inference_request_summary_us");
    }

    @Test
    void tellsModelsOfOneNameApartByTheirRepository() throws IOException {
        ModelConfig config = FakeModel.config("m", 0, 1);
        versions.opening(
                new OpenVersion("/a", config, 1, new VersionCounters(true, () -> 0), false));
        versions.opening(
                new OpenVersion("/b", config, 1, new VersionCounters(true, () -> 0), false));

        assertThat(page(TestOptions.metrics()))
                .contains(
                        """
                        nv_inference_count{model="m",namespace="/a",version="1"} 0
                        nv_inference_count{model="m",namespace="/b",version="1"} 0
                        """);
    }

    @Test
    void saysWhichSettingsHaveNoEffect() throws IOException {
        ServerOptions.Metrics odd =
                new ServerOptions.Metrics(
                        true,
                        "127.0.0.1",
                        0,
                        Duration.ofSeconds(2),
                        true,
                        true,
                        false,
                        MeasureSettings.NONE,
                        List.of("colour=blue"));
        try (CapturedLog log = CapturedLog.of(MetricsFrontend.class.getName())) {
            page(odd);

            assertThat(log.lines())
                    .contains("WARN --metrics-config colour=blue has no effect in this server");
        }
    }

    @Test
    void showsHowLoadedAModelIs() throws IOException {
        ModelConfig config = FakeModel.config("m", 8, 1);
        VersionCounters counters = new VersionCounters(true, () -> 0);
        OpenVersion version = new OpenVersion("", config, 1, counters, false);
        version.opened(new Queueing(config, 7), 0);
        versions.opened(version);
        counters.instanceOpened(System.nanoTime()).begins(3, System.nanoTime());
        counters.executed(execution(1, 2));

        assertThat(page(TestOptions.metrics()))
                .contains(
                        "nv_inference_pending_request_count{model=\"m\",version=\"1\"} 7\n",
                        "nereid_queued_requests{model=\"m\",version=\"1\"} 7\n",
                        "nereid_executing_requests{model=\"m\",version=\"1\"} 3\n",
                        "nereid_instances{model=\"m\",version=\"1\"} 1\n",
                        "nereid_utilization{model=\"m\",version=\"1\"} ",
                        "# TYPE nereid_instance_busy_seconds_total counter\n",
                        "nereid_batch_closed_total{model=\"m\",reason=\"idle\",version=\"1\"} 1\n",
                        "nereid_batch_size_bucket{model=\"m\",version=\"1\",le=\"1\"} 0\n",
                        "nereid_batch_size_bucket{model=\"m\",version=\"1\",le=\"2\"} 1\n",
                        "nereid_stuck_instances{model=\"m\",version=\"1\"} 0\n",
                        "nereid_server_inflight_requests 0\n",
                        "nereid_server_refused_total 0\n",
                        "nereid_server_inflight_bytes 0\n");
    }

    @Test
    void showsNoInstancesOfAnEnsemble() throws IOException {
        open(FakeModel.ensemble("e"));

        assertThat(page(TestOptions.metrics()))
                .contains("nereid_inflight_requests{model=\"e\",version=\"1\"} 0\n")
                .doesNotContain("nereid_utilization{", "nereid_instances{");
    }

    /** A model in whose queue requests wait. */
    private record Queueing(ModelConfig config, long pending) implements Model {
        @Override
        public long version() {
            return 1;
        }

        @Override
        public void infer(@Owned InferenceRequest request, ResponseSender sender) {
            throw new IllegalStateException("nobody asks");
        }

        @Override
        public void close() {}
    }
}
