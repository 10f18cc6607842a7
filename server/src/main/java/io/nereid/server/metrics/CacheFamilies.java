package io.nereid.server.metrics;

import io.nereid.backend.cache.CacheFigures;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a response cache tells of itself (metrics section 5). */
final class CacheFamilies {
    private CacheFamilies() {}

    static List<MetricSnapshot> of(CacheFigures figures) {
        return List.of(
                Families.gauge(
                        "nv_cache_util", "Cache utilization [0.0 - 1.0]", figures.utilization()),
                Families.gauge(
                        "nv_cache_num_entries",
                        "Number of responses stored in response cache",
                        (double) figures.entries()),
                Families.gauge(
                        "nv_cache_num_hits",
                        "Number of cache hits in response cache",
                        (double) figures.hits()),
                Families.gauge(
                        "nv_cache_num_misses",
                        "Number of cache misses in response cache",
                        (double) figures.misses()),
                Families.gauge(
                        "nv_cache_num_lookups",
                        "Number of cache lookups in response cache",
                        (double) figures.lookUps()),
                Families.gauge(
                        "nv_cache_num_evictions",
                        "Number of cache evictions in response cache",
                        (double) figures.evictions()),
                Families.gauge(
                        "nv_cache_lookup_duration",
                        "Total cache lookup duration (hit and miss), in microseconds",
                        micros(figures.lookUpNanos())),
                Families.gauge(
                        "nv_cache_insertion_duration",
                        "Total cache insertion duration, in microseconds",
                        micros(figures.insertionNanos())));
    }

    private static double micros(long nanos) {
        return (double) TimeUnit.NANOSECONDS.toMicros(nanos);
    }
}
