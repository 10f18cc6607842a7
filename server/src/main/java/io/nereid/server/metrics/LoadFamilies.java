package io.nereid.server.metrics;

import static io.nereid.server.metrics.VersionReading.points;

import io.nereid.backend.BatchClose;
import io.nereid.server.Admission;
import io.nereid.server.InferenceServer;
import io.nereid.server.measures.HistogramFamily;
import io.nereid.server.metrics.Families.Distribution;
import io.nereid.server.metrics.Families.Point;
import io.nereid.server.statistics.InstanceUse;
import io.nereid.server.statistics.ModelStatistics.Batches;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * How loaded the server and its models are, for people who scale them and who wonder why batches
 * are small. The reference has none of these families. Any thread.
 */
final class LoadFamilies {
    private final InferenceServer server;

    LoadFamilies(InferenceServer server) {
        this.server = server;
    }

    List<MetricSnapshot> of(List<VersionReading> all) {
        List<MetricSnapshot> families = new ArrayList<>();
        addServer(families);
        addRequests(all, families);
        addInstances(all.stream().filter(each -> each.version().hasInstances()).toList(), families);
        return families;
    }

    private void addServer(List<MetricSnapshot> families) {
        Admission admission = server.admission();
        families.add(
                Families.gauge(
                        "nereid_server_inflight_requests",
                        "Number of requests that were accepted and have not ended",
                        (double) server.inFlight()));
        families.add(
                Families.gauge(
                        "nereid_server_inflight_requests_limit",
                        "Most requests that are in flight at a time",
                        (double) admission.maxRequests()));
        families.add(
                Families.gauge(
                        "nereid_server_inflight_bytes",
                        "Bytes of request bodies held for requests in flight",
                        (double) admission.inFlightBytes()));
        families.add(
                Families.gauge(
                        "nereid_server_inflight_bytes_limit",
                        "Most bytes of request bodies that are held at a time",
                        (double) admission.maxBytes()));
        families.add(
                Families.counter(
                        "nereid_server_refused_total",
                        "Number of requests that were refused because of these limits",
                        List.of(new Point(Labels.EMPTY, (double) admission.refusals()))));
    }

    private static void addRequests(List<VersionReading> all, List<MetricSnapshot> families) {
        families.add(
                Families.gauge(
                        "nereid_inflight_requests",
                        "Number of requests that the model holds: queued, executing or answering",
                        points(all, each -> each.version().inFlight())));
        families.add(
                Families.gauge(
                        "nereid_queued_requests",
                        "Number of requests that wait for an instance",
                        points(all, each -> each.version().pending())));
        families.add(
                Families.histogram(
                        HistogramFamily.BATCH_SIZE.familyName(),
                        HistogramFamily.BATCH_SIZE.help(),
                        all.stream().map(LoadFamilies::batchSizes).toList()));
    }

    private static Distribution batchSizes(VersionReading each) {
        return new Distribution(
                each.labels(),
                each.version()
                        .measures()
                        .batchSizes(
                                each.statistics().batches().stream()
                                        .collect(
                                                Collectors.toMap(
                                                        Batches::batchSize,
                                                        batch -> batch.computeInfer().count()))));
    }

    private static void addInstances(List<VersionReading> all, List<MetricSnapshot> families) {
        families.add(
                Families.counter(
                        "nereid_batch_closed_total",
                        "Number of executed batches by the reason why no further request joined",
                        closed(all)));
        families.add(
                Families.gauge(
                        "nereid_executing_requests",
                        "Number of requests that instances are executing",
                        uses(all, InstanceUse::executing)));
        families.add(
                Families.gauge(
                        "nereid_instances",
                        "Number of instances that take requests",
                        uses(all, InstanceUse::instances)));
        families.add(
                Families.gauge(
                        "nereid_stuck_instances",
                        "Number of instances that execute one batch for longer than"
                                + " --instance-stuck-secs",
                        points(all, each -> each.version().stuckInstances())));
        families.add(
                Families.counter(
                        "nereid_instance_busy_seconds_total",
                        "Cumulative time in which instances executed, in seconds",
                        uses(all, use -> (double) use.busyNanos() / TimeUnit.SECONDS.toNanos(1))));
        families.add(
                Families.gauge(
                        "nereid_utilization",
                        "Share of the instances' time in which they executed, over the last 10"
                                + " seconds [0.0 - 1.0]",
                        points(all, each -> each.version().utilization())));
    }

    private static List<Point> uses(List<VersionReading> all, ToDoubleFunction<InstanceUse> value) {
        return points(all, each -> value.applyAsDouble(each.use()));
    }

    private static List<Point> closed(List<VersionReading> all) {
        List<Point> points = new ArrayList<>();
        for (VersionReading each : all) {
            for (BatchClose reason : BatchClose.values()) {
                points.add(
                        new Point(
                                each.labels().add("reason", reason.name().toLowerCase(Locale.ROOT)),
                                (double) each.version().closed(reason)));
            }
        }
        return points;
    }
}
