package io.nereid.server.metrics;

import io.nereid.server.metrics.Families.Point;
import io.nereid.server.statistics.InstanceUse;
import io.nereid.server.statistics.ModelStatistics;
import io.nereid.server.statistics.OpenVersion;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * One version at one moment.
 *
 * @param labels of its series
 */
record VersionReading(
        Labels labels, OpenVersion version, ModelStatistics statistics, InstanceUse use) {
    static VersionReading of(OpenVersion version) {
        return new VersionReading(labels(version), version, version.read(), version.use());
    }

    /** One series for each version. */
    static List<Point> points(List<VersionReading> all, ToDoubleFunction<VersionReading> value) {
        return all.stream()
                .map(each -> new Point(each.labels(), value.applyAsDouble(each)))
                .toList();
    }

    /** Sorted by name, which is the order of bytes (metrics section 3). */
    private static Labels labels(OpenVersion version) {
        Map<String, String> labels = new TreeMap<>();
        version.tags()
                .forEach((tag, value) ->
                        labels.put(PrometheusNaming.sanitizeLabelName("_" + tag), value));
        labels.put("model", version.name());
        labels.put("version", Long.toString(version.number()));
        if (!version.namespace().isEmpty()) {
            labels.put("namespace", version.namespace());
        }
        return Labels.of(List.copyOf(labels.keySet()), List.copyOf(labels.values()));
    }
}
