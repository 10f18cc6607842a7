package io.nereid.server.metrics;

import io.nereid.server.measures.HistogramFamily;
import io.nereid.server.measures.PhaseSummaries;
import io.nereid.server.measures.SummaryFamily;
import io.nereid.server.metrics.Families.Distribution;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * How durations are distributed: histograms and summaries, as far as they are switched on (metrics
 * section 6). Any thread.
 */
final class LatencyFamilies {
    private LatencyFamilies() {}

    static List<MetricSnapshot> of(List<VersionReading> all) {
        List<MetricSnapshot> families = new ArrayList<>();
        for (HistogramFamily family : HistogramFamily.values()) {
            families.add(
                    Families.histogram(
                            family.familyName(), family.help(), distributions(all, family)));
        }
        for (SummaryFamily family : SummaryFamily.values()) {
            families.add(
                    Families.summary(family.familyName(), family.help(), summaries(all, family)));
        }
        return families;
    }

    private static List<Distribution> distributions(
            List<VersionReading> all, HistogramFamily family) {
        return all.stream()
                .flatMap(each ->
                        each.version().measures().histogram(family).stream()
                                .map(value -> new Distribution(each.labels(), value)))
                .toList();
    }

    private static List<SummaryDataPointSnapshot> summaries(
            List<VersionReading> all, SummaryFamily family) {
        return all.stream()
                .filter(each -> family.isShown(each.version().cached()))
                .flatMap(each ->
                        each.version().measures().summaries().stream()
                                .map(summaries -> summary(each.labels(), summaries, family)))
                .toList();
    }

    private static SummaryDataPointSnapshot summary(
            Labels labels, PhaseSummaries summaries, SummaryFamily family) {
        SummaryDataPointSnapshot read = summaries.read(family);
        return SummaryDataPointSnapshot.builder()
                .labels(labels)
                .count(read.getCount())
                .sum(read.getSum())
                .quantiles(read.getQuantiles())
                .build();
    }
}
