package io.nereid.server.metrics;

import static io.nereid.server.metrics.VersionReading.points;

import io.nereid.backend.FailureReason;
import io.nereid.server.metrics.Families.Point;
import io.nereid.server.statistics.ModelStatistics;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * What is counted of each version, read when somebody asks (metrics sections 2 to 4). Any thread.
 */
final class ModelFamilies {
    private static final int NANOS_PER_MICRO = 1000;

    private final boolean durations;
    private final boolean legacy;

    /**
     * @param durations whether the counters of durations are shown
     * @param legacy whether the duration of all computing is shown, as old dashboards ask for it
     */
    ModelFamilies(boolean durations, boolean legacy) {
        this.durations = durations;
        this.legacy = legacy;
    }

    List<MetricSnapshot> of(List<VersionReading> all) {
        List<MetricSnapshot> families = new ArrayList<>();
        addCounts(all, families);
        if (durations) {
            addDurations(all, families);
        }
        addCache(all.stream().filter(each -> each.version().cached()).toList(), families);
        if (legacy) {
            families.add(
                    Families.counter(
                            "nv_inference_compute_duration_us",
                            "Cumulative inference compute duration in microseconds",
                            points(all, ModelFamilies::computeMicros)));
        }
        families.add(
                Families.gauge(
                        "nv_inference_pending_request_count",
                        "Instantaneous number of pending requests awaiting execution per-model.",
                        points(all, each -> each.version().pending())));
        families.add(
                Families.gauge(
                        "nv_model_load_duration_secs",
                        "Model load time in seconds",
                        points(all, each -> each.version().loadSeconds())));
        return families;
    }

    private static void addCounts(List<VersionReading> all, List<MetricSnapshot> families) {
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

    private static void addDurations(List<VersionReading> all, List<MetricSnapshot> families) {
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

    private static long computeMicros(VersionReading each) {
        ModelStatistics.Requests requests = each.statistics().requests();
        return micros(requests.computeInput())
                + micros(requests.computeInfer())
                + micros(requests.computeOutput());
    }

    /** Of versions that answer from the response cache (section 5). */
    private void addCache(List<VersionReading> cached, List<MetricSnapshot> families) {
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

    private static List<Point> failures(List<VersionReading> all) {
        List<Point> points = new ArrayList<>();
        for (VersionReading each : all) {
            for (FailureReason reason : FailureReason.values()) {
                points.add(
                        new Point(
                                each.labels().add("reason", reason.name()),
                                (double) each.version().failures(reason)));
            }
        }
        return points;
    }
}
