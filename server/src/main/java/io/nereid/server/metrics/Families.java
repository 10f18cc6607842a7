package io.nereid.server.metrics;

import io.nereid.server.measures.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.util.ArrayList;
import java.util.List;

/** Short forms for the families that there are. */
final class Families {
    /**
     * One series.
     *
     * @param value its value now
     */
    record Point(Labels labels, double value) {}

    /** One series of a histogram. */
    record Distribution(Labels labels, Histogram.Reading value) {}

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

    static MetricSnapshot histogram(String name, String help, List<Distribution> points) {
        return new HistogramSnapshot(
                new MetricMetadata(name, help),
                points.stream()
                        .map(point ->
                                HistogramSnapshot.HistogramDataPointSnapshot.builder()
                                        .labels(point.labels())
                                        .classicHistogramBuckets(buckets(point.value()))
                                        .sum((double) point.value().sum())
                                        .build())
                        .toList());
    }

    private static ClassicHistogramBuckets buckets(Histogram.Reading value) {
        List<Double> limits = new ArrayList<>(value.limits());
        limits.add(Double.POSITIVE_INFINITY);
        return ClassicHistogramBuckets.of(limits, value.counts());
    }

    static MetricSnapshot summary(
            String name, String help, List<SummarySnapshot.SummaryDataPointSnapshot> points) {
        return new SummarySnapshot(new MetricMetadata(name, help), points);
    }
}
