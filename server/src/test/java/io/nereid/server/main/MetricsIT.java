package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.server.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people's dashboards, rules and autoscalers ask for is on the real server's page. */
final class MetricsIT {
    private static final Path DASHBOARD = Path.of("../docs/grafana/nereid.json");

    /** Names of series in a query: words of both families, whatever their suffix. */
    private static final Pattern SERIES = Pattern.compile("\\b(?:nv|nereid)_[a-z_]+");

    private static final String MODEL =
            """
            max_batch_size: 4 backend: "identity" dynamic_batching { }
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 2 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 2 ] } ]
            """;
    private static final byte[] TWO_ROWS =
            """
            {"inputs":[{"name":"INPUT0","datatype":"INT32","shape":[2,2],"data":[1,2,3,4]}]}
            """
                    .getBytes(StandardCharsets.UTF_8);

    @TempDir private Path repository;

    private NereidServer server;
    private TestClient client;
    private TestClient metrics;

    @BeforeEach
    void start() throws IOException {
        TestServers.place(repository, "quick", MODEL);
        TestServers.place(
                repository,
                "slow",
                MODEL.replace("dynamic_batching { }", "")
                        + "parameters { key: \"execute_delay_ms\" value { string_value: \"300\" } }");
        ServerOptions options =
                TestServers.commandLine(
                        Map.of(),
                        List.of(
                                "--model-repository=" + repository,
                                "--http-port=0",
                                "--grpc-port=0",
                                "--metrics-interval-ms=100",
                                "--legacy-metrics=true",
                                "--metrics-config=histogram_latencies=true",
                                "--metrics-config=summary_latencies=true"));
        server = NereidServer.start(options);
        client = new TestClient(server.httpPort());
        metrics = new TestClient(server.metricsPort());
    }

    @AfterEach
    void stop() {
        client.close();
        metrics.close();
        server.close();
    }

    /** Queries of dashboards, rules and autoscalers that were made for Triton. */
    static List<String> queriesOfOthers() {
        return List.of(
                // The dashboard of the on-prem chart, and of tutorials.
                "sum(rate(nv_inference_request_success[30s])) by (pod)",
                "sum(rate(nv_inference_request_failure[30s])) by (pod, reason)",
                "avg(nv_inference_count) by (model)",
                "avg(nv_inference_exec_count) by (model)",
                "sum(nv_inference_pending_request_count) by (model)",
                "avg(delta(nv_inference_request_duration_us[30s])"
                        + "/(1+delta(nv_inference_request_success[30s])))",
                "avg(nv_inference_compute_input_duration_us)",
                "avg(nv_inference_compute_output_duration_us)",
                "nv_cpu_utilization",
                "nv_cpu_memory_used_bytes / nv_cpu_memory_total_bytes",
                "nv_pinned_memory_pool_used_bytes / nv_pinned_memory_pool_total_bytes",
                "nv_model_load_duration_secs",
                // The metric avg_time_queue_us that the on-prem chart scales on.
                "avg(delta(nv_inference_queue_duration_us[30s])"
                        + "/(1+delta(nv_inference_request_success[30s]))) by (pod)",
                // triton:queue_compute:ratio, which newer charts scale on.
                "sum by (pod) (rate(nv_inference_queue_duration_us[1m]))"
                        + " / max(rate(nv_inference_compute_infer_duration_us[1m]), 1)",
                // With histogram_latencies and summary_latencies.
                "histogram_quantile(0.9, rate(nv_inference_first_response_histogram_ms_bucket[5m]))",
                "nv_inference_request_summary_us",
                "nv_inference_queue_summary_us_sum / nv_inference_queue_summary_us_count",
                "nv_inference_compute_input_summary_us",
                "nv_inference_compute_infer_summary_us",
                "nv_inference_compute_output_summary_us",
                // Dashboards of the clouds, with --legacy-metrics.
                "nv_inference_compute_duration_us",
                "histogram_quantile(0.5, sum(rate(nv_inference_load_ratio_bucket[1m])) by (le))",
                // Proposed histograms.
                "nv_inference_request_duration_histogram_us_bucket",
                "nv_inference_queue_duration_histogram_us_count",
                "nv_inference_compute_input_duration_histogram_us_sum",
                "nv_inference_compute_infer_duration_histogram_us_bucket",
                "nv_inference_compute_output_duration_histogram_us_bucket");
    }

    /** Series that a server without GPUs has not, as with Triton. */
    static List<String> seriesOfGpus() {
        return List.of(
                "nv_gpu_utilization",
                "nv_gpu_memory_total_bytes",
                "nv_gpu_memory_used_bytes",
                "nv_gpu_power_usage",
                "nv_gpu_power_limit",
                "nv_energy_consumption");
    }

    @Test
    void findsTheSeriesOfEveryQuery() throws Exception {
        client.infer("/v2/models/quick/infer", TWO_ROWS);
        Set<String> found = series();

        for (String query : queriesOfOthers()) {
            assertThat(found).as(query).containsAll(seriesIn(query));
        }
        assertThat(found).doesNotContainAnyElementsOf(seriesOfGpus());
    }

    @Test
    void findsTheSeriesOfItsOwnDashboard() throws Exception {
        client.infer("/v2/models/quick/infer", TWO_ROWS);
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        List<String> queries = dashboard.findValuesAsText("expr");
        Set<String> found = series();

        assertThat(queries).hasSizeGreaterThan(20);
        for (String query : queries) {
            assertThat(seriesIn(query)).as(query).isNotEmpty();
            assertThat(found).as(query).containsAll(seriesIn(query));
        }
        assertThat(found).containsAll(seriesIn(dashboard.get("templating").toString()));
    }

    @Test
    void showsWhatWaitsAndWhatIsExecuted() throws Exception {
        List<CompletableFuture<HttpResponse<byte[]>>> answers =
                Stream.generate(() -> client.postAsync("/v2/models/slow/infer", TWO_ROWS))
                        .limit(3)
                        .toList();

        awaitOnPage("nv_inference_pending_request_count{model=\"slow\",version=\"1\"} 2\n");
        assertThat(page()).contains("nereid_executing_requests{model=\"slow\",version=\"1\"} 1\n");
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
        awaitOnPage("nereid_executing_requests{model=\"slow\",version=\"1\"} 0\n");

        assertThat(value("nereid_inflight_requests{model=\"slow\",version=\"1\"}")).isZero();
        assertThat(value("nereid_instance_busy_seconds_total{model=\"slow\",version=\"1\"}"))
                .isGreaterThan(0.9);
        Watch.awaitTrue(
                "a utilization",
                () -> value("nereid_utilization{model=\"slow\",version=\"1\"}") > 0);
        assertThat(value("nereid_utilization{model=\"quick\",version=\"1\"}")).isZero();
    }

    @Test
    void writesWhatPrometheusReads() throws Exception {
        client.infer("/v2/models/quick/infer", TWO_ROWS);
        HttpResponse<byte[]> reply = metrics.get("/metrics");

        assertThat(reply.headers().firstValue("content-type"))
                .contains("text/plain; charset=utf-8");
        String number = "(?:[-+]?[0-9.]+(?:E-?[0-9]+)?|[+-]Inf|NaN)";
        Pattern sample =
                Pattern.compile(
                        "[a-z_]+(?:\\{[a-z_]+=\"[^\"]*\"(?:,[a-z_]+=\"[^\"]*\")*\\})? " + number);
        assertThat(text(reply).lines().filter(line -> !line.startsWith("# ")))
                .allMatch(sample.asMatchPredicate());
        assertThat(value("nereid_batch_size_bucket{model=\"quick\",version=\"1\",le=\"+Inf\"}"))
                .isEqualTo(value("nereid_batch_size_count{model=\"quick\",version=\"1\"}"))
                .isEqualTo(1);
    }

    @Test
    void tellsModelsOfOneNameApartByTheirRepository(@TempDir Path first, @TempDir Path second)
            throws Exception {
        TestServers.place(first, "m", MODEL);
        TestServers.place(second, "m", MODEL);
        ServerOptions options =
                TestServers.commandLine(
                        Map.of(),
                        List.of(
                                "--model-repository=" + first,
                                "--model-repository=" + second,
                                "--model-namespacing=true",
                                "--http-port=0",
                                "--grpc-port=0"));
        try (NereidServer both = NereidServer.start(options);
                TestClient port = new TestClient(both.metricsPort())) {
            assertThat(text(port.get("/metrics")))
                    .contains(series("m", first) + " 0\n", series("m", second) + " 0\n");
        }
    }

    private static String series(String model, Path namespace) {
        return "nv_inference_count{model=\"%s\",namespace=\"%s\",version=\"1\"}"
                .formatted(model, namespace);
    }

    private void awaitOnPage(String line) {
        Watch.awaitTrue(line, () -> page().contains(line));
    }

    private double value(String series) {
        return page().lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    /** Names of all series that there are. */
    private Set<String> series() {
        return page().lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> seriesIn(String query) {
        return SERIES.matcher(query)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String page() {
        try {
            return text(metrics.get("/metrics"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }
}
