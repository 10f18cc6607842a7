package io.nereid.server.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;

/** Short forms for the families that there are. */
final class Families {
    /**
     * One series.
     *
     * @param value its value now
     */
    record Point(Labels labels, double value) {}

    private Families() {}

    static MetricSnapshot counter(String name, String help, List<Point> points) {
        return new CounterSnapshot(
                new MetricMetadata(name, help),
                points.stream()
                        .map(point ->
                                CounterSnapshot.CounterDataPointSnapshot.builder()
                                        .labels(point.labels())
                                        .value(point.value())
                                        .build())
                        .toList());
    }

    static MetricSnapshot gauge(String name, String help, List<Point> points) {
        return new GaugeSnapshot(
                new MetricMetadata(name, help),
                points.stream()
                        .map(point ->
                                GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                        .labels(point.labels())
                                        .value(point.value())
                                        .build())
                        .toList());
    }

    /** A gauge of one series without labels. */
    static MetricSnapshot gauge(String name, String help, double value) {
        return gauge(name, help, List.of(new Point(Labels.EMPTY, value)));
    }
}
