package io.nereid.server.metrics;

import io.nereid.backend.cache.CacheFigures;
import io.nereid.server.statistics.OpenVersions;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Everything that can be measured, as one text. Any thread. */
final class MetricsPage {
    private final OpenVersions versions;
    private final ModelFamilies counters;
    private final LoadFamilies load;
    private final Optional<HostUsage> host;
    private final Supplier<Optional<CacheFigures>> cache;

    /**
     * @param host empty if it is not to be shown
     * @param cache reads what a response cache tells of itself; empty if there is nothing
     */
    MetricsPage(
            OpenVersions versions,
            ModelFamilies counters,
            LoadFamilies load,
            Optional<HostUsage> host,
            Supplier<Optional<CacheFigures>> cache) {
        this.versions = versions;
        this.counters = counters;
        this.load = load;
        this.host = host;
        this.cache = cache;
    }

    String text() {
        List<VersionReading> all = versions.all().stream().map(VersionReading::of).toList();
        List<MetricSnapshot> families = new ArrayList<>(counters.of(all));
        families.addAll(LatencyFamilies.of(all));
        families.addAll(load.of(all));
        addPinnedMemory(families);
        host.ifPresent(usage -> addHost(usage.reading(), families));
        cache.get().map(CacheFamilies::of).ifPresent(families::addAll);
        return TextFormat.of(families);
    }

    /** There is no such pool, yet dashboards ask for it (section 7). */
    private static void addPinnedMemory(List<MetricSnapshot> families) {
        families.add(
                Families.gauge(
                        "nv_pinned_memory_pool_total_bytes",
                        "Pinned memory pool total memory size, in bytes",
                        0));
        families.add(
                Families.gauge(
                        "nv_pinned_memory_pool_used_bytes",
                        "Pinned memory pool used memory size, in bytes",
                        0));
    }

    private static void addHost(HostUsage.Reading reading, List<MetricSnapshot> families) {
        families.add(
                Families.gauge(
                        "nv_cpu_utilization",
                        "CPU utilization rate [0.0 - 1.0]",
                        reading.utilization()));
        families.add(
                Families.gauge(
                        "nv_cpu_memory_total_bytes",
                        "CPU total memory (RAM), in bytes",
                        (double) reading.totalBytes()));
        families.add(
                Families.gauge(
                        "nv_cpu_memory_used_bytes",
                        "CPU used memory (RAM), in bytes",
                        (double) reading.usedBytes()));
    }
}
