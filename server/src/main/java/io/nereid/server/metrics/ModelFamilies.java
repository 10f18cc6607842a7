package io.nereid.server.metrics;

import io.nereid.backend.FailureReason;
import io.nereid.server.metrics.Families.Point;
import io.nereid.server.statistics.ModelStatistics;
import io.nereid.server.statistics.OpenVersion;
import io.nereid.server.statistics.OpenVersions;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * What is counted of each version, read when somebody asks (metrics sections 2 to 4). Any thread.
 */
final class ModelFamilies {
    private static final int NANOS_PER_MICRO = 1000;

    private final OpenVersions versions;
    private final boolean durations;

    /**
     * @param durations whether the counters of durations are shown
     */
    ModelFamilies(OpenVersions versions, boolean durations) {
        this.versions = versions;
        this.durations = durations;
    }

    /** One version at one moment. */
    private record Reading(Labels labels, OpenVersion version, ModelStatistics statistics) {}

    List<MetricSnapshot> read() {
        List<Reading> all =
                versions.all().stream()
                        .map(version -> new Reading(labels(version), version, version.read()))
                        .toList();
        List<MetricSnapshot> families = new ArrayList<>();
        addCounts(all, families);
        if (durations) {
            addDurations(all, families);
        }
        addCache(all.stream().filter(each -> each.version().cached()).toList(), families);
        families.add(
                Families.gauge(
                        "nv_inference_pending_request_count",
                        "Instantaneous number of pending requests awaiting execution per-model.",
                        points(all, each -> each.version().pending())));
        families.add(
                Families.gauge(
                        "nv_model_load_duration_secs",
                        "Model load time in seconds",
                        loadTimes(all)));
        return families;
    }

    private static void addCounts(List<Reading> all, List<MetricSnapshot> families) {
        families.add(
                Families.counter(
                        "nv_inference_request_success",
                        "Number of successful inference requests, all batch sizes",
                        points(all, each -> each.statistics().requests().success().count())));
        families.add(
                Families.counter(
                        "nv_inference_request_failure",
                        "Number of failed inference requests, all batch sizes",
                        failures(all)));
        families.add(
                Families.counter(
                        "nv_inference_count",
                        "Number of inferences performed (does not include cached requests)",
                        points(all, each -> each.statistics().inferenceCount())));
        families.add(
                Families.counter(
                        "nv_inference_exec_count",
                        "Number of model executions performed (does not include cached requests)",
                        points(all, each -> each.statistics().executionCount())));
    }

    private static void addDurations(List<Reading> all, List<MetricSnapshot> families) {
        families.add(
                Families.counter(
                        "nv_inference_request_duration_us",
                        "Cumulative inference request duration in microseconds (includes cached"
                                + " requests)",
                        points(all, each -> micros(each.statistics().requests().success()))));
        families.add(
                Families.counter(
                        "nv_inference_queue_duration_us",
                        "Cumulative inference queuing duration in microseconds (includes cached"
                                + " requests)",
                        points(all, each -> micros(each.statistics().requests().queue()))));
        families.add(
                Families.counter(
                        "nv_inference_compute_input_duration_us",
                        "Cumulative compute input duration in microseconds (does not include"
                                + " cached requests)",
                        points(all, each -> micros(each.statistics().requests().computeInput()))));
        families.add(
                Families.counter(
                        "nv_inference_compute_infer_duration_us",
                        "Cumulative compute inference duration in microseconds (does not include"
                                + " cached requests)",
                        points(all, each -> micros(each.statistics().requests().computeInfer()))));
        families.add(
                Families.counter(
                        "nv_inference_compute_output_duration_us",
                        "Cumulative inference compute output duration in microseconds (does not"
                                + " include cached requests)",
                        points(all, each -> micros(each.statistics().requests().computeOutput()))));
    }

    /** Of versions that answer from the response cache (section 5). */
    private void addCache(List<Reading> cached, List<MetricSnapshot> families) {
        families.add(
                Families.counter(
                        "nv_cache_num_hits_per_model",
                        "Number of cache hits per model",
                        points(cached, each -> each.statistics().requests().cacheHit().count())));
        families.add(
                Families.counter(
                        "nv_cache_num_misses_per_model",
                        "Number of cache misses per model",
                        points(cached, each -> each.statistics().requests().cacheMiss().count())));
        if (!durations) {
            return;
        }
        families.add(
                Families.counter(
                        "nv_cache_hit_duration_per_model",
                        "Total cache hit duration per model, in microseconds",
                        points(cached, each -> micros(each.statistics().requests().cacheHit()))));
        families.add(
                Families.counter(
                        "nv_cache_miss_duration_per_model",
                        "Total cache miss (insert+lookup) duration per model, in microseconds",
                        points(cached, each -> micros(each.statistics().requests().cacheMiss()))));
    }

    private static long micros(ModelStatistics.Duration duration) {
        return duration.nanos() / NANOS_PER_MICRO;
    }

    private static List<Point> points(List<Reading> all, ToLongFunction<Reading> value) {
        return all.stream()
                .map(each -> new Point(each.labels(), (double) value.applyAsLong(each)))
                .toList();
    }

    private static List<Point> loadTimes(List<Reading> all) {
        return all.stream()
                .map(each -> new Point(each.labels(), each.version().loadSeconds()))
                .toList();
    }

    private static List<Point> failures(List<Reading> all) {
        List<Point> points = new ArrayList<>();
        for (Reading each : all) {
            for (FailureReason reason : FailureReason.values()) {
                points.add(
                        new Point(
                                each.labels().add("reason", reason.name()),
                                (double) each.version().failures(reason)));
            }
        }
        return points;
    }

    /** Sorted by name, which is the order of bytes (section 3). */
    private static Labels labels(OpenVersion version) {
        Map<String, String> labels = new TreeMap<>();
        version.tags()
                .forEach((tag, value) ->
                        labels.put(PrometheusNaming.sanitizeLabelName("_" + tag), value));
        labels.put("model", version.name());
        labels.put("version", Long.toString(version.number()));
        return Labels.of(List.copyOf(labels.keySet()), List.copyOf(labels.values()));
    }
}
