package io.nereid.server.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBucket;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.List;

/**
 * Writes families in the text format 0.0.4 of Prometheus, as the reference does (metrics section
 * 1): counters without the suffix {@code _total}, which the client's own writer adds to every
 * counter, and whole numbers without a decimal point.
 */
final class TextFormat {
    /** Up to here every whole number is exact. */
    private static final double LARGEST_WHOLE = 0x1p53;

    private final StringBuilder out = new StringBuilder();

    private TextFormat() {}

    /** Families in their order; those without a series are left out. */
    static String of(List<MetricSnapshot> families) {
        TextFormat text = new TextFormat();
        for (MetricSnapshot family : families) {
            if (!family.getDataPoints().isEmpty()) {
                text.add(family);
            }
        }
        return text.out.toString();
    }

    private void add(MetricSnapshot family) {
        switch (family) {
            case CounterSnapshot counter -> {
                head(counter, "counter");
                for (CounterDataPointSnapshot point : counter.getDataPoints()) {
                    line(counter, "", point, point.getValue());
                }
            }
            case GaugeSnapshot gauge -> {
                head(gauge, "gauge");
                for (GaugeDataPointSnapshot point : gauge.getDataPoints()) {
                    line(gauge, "", point, point.getValue());
                }
            }
            case HistogramSnapshot histogram -> {
                head(histogram, "histogram");
                histogram.getDataPoints().forEach(point -> addHistogram(histogram, point));
            }
            case SummarySnapshot summary -> {
                head(summary, "summary");
                summary.getDataPoints().forEach(point -> addSummary(summary, point));
            }
            default -> throw new IllegalStateException("no text form of " + family.getClass());
        }
    }

    /** Buckets are written as sums of all up to their limit. */
    private void addHistogram(MetricSnapshot family, HistogramDataPointSnapshot point) {
        line(family, "_count", point, (double) point.getCount());
        line(family, "_sum", point, point.getSum());
        long upTo = 0;
        for (ClassicHistogramBucket bucket : point.getClassicBuckets()) {
            upTo += bucket.getCount();
            labelled(family, "_bucket", point, "le", bucket.getUpperBound());
            value((double) upTo);
        }
    }

    private void addSummary(MetricSnapshot family, SummaryDataPointSnapshot point) {
        line(family, "_count", point, (double) point.getCount());
        line(family, "_sum", point, point.getSum());
        for (Quantile quantile : point.getQuantiles()) {
            labelled(family, "", point, "quantile", quantile.getQuantile());
            value(quantile.getValue());
        }
    }

    private void head(MetricSnapshot family, String type) {
        String name = family.getMetadata().getPrometheusName();
        out.append("# HELP ").append(name).append(' ');
        escaped(String.valueOf(family.getMetadata().getHelp()), false);
        out.append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void line(MetricSnapshot family, String suffix, DataPointSnapshot point, double value) {
        out.append(family.getMetadata().getPrometheusName()).append(suffix);
        if (labels(point) == ',') {
            out.append('}');
        }
        value(value);
    }

    /** As the reference does, the label of a bucket or quantile comes after all others. */
    private void labelled(
            MetricSnapshot family,
            String suffix,
            DataPointSnapshot point,
            String label,
            double labelValue) {
        out.append(family.getMetadata().getPrometheusName()).append(suffix);
        out.append(labels(point)).append(label).append("=\"").append(number(labelValue));
        out.append("\"}");
    }

    /** What comes before the next label. */
    private char labels(DataPointSnapshot point) {
        char before = '{';
        for (Label label : point.getLabels()) {
            out.append(before).append(label.getName()).append("=\"");
            escaped(label.getValue(), true);
            out.append('"');
            before = ',';
        }
        return before;
    }

    private void value(double value) {
        out.append(' ').append(number(value)).append('\n');
    }

    private void escaped(String text, boolean quoted) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '"' -> out.append(quoted ? "\\\"" : "\"");
                default -> out.append(c);
            }
        }
    }

    private static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        boolean whole = value == Math.rint(value) && Math.abs(value) <= LARGEST_WHOLE;
        return whole ? Long.toString((long) value) : Double.toString(value);
    }
}
