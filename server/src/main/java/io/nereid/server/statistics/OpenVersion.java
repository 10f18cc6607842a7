package io.nereid.server.statistics;

import io.nereid.backend.BatchClose;
import io.nereid.backend.FailureReason;
import io.nereid.backend.Model;
import io.nereid.backend.RunningBatch;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Scheduling;
import io.nereid.server.measures.VersionMeasures;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A version from the moment it begins to be loaded until it is closed. Written by the control
 * thread that loads it; read from any thread.
 */
public final class OpenVersion {
    private final String namespace;
    private final ModelConfig config;
    private final long number;
    private final VersionCounters counters;
    private final Utilization utilization = new Utilization();
    private final boolean cached;
    private volatile long loadNanos;

    // Null until it is open.
    private volatile @Nullable Model model;

    // Written by whoever looks for instances that are stuck.
    private volatile int stuckInstances;

    /**
     * A version that begins to be loaded.
     *
     * @param namespace path of its repository, with namespacing; else empty
     * @param cached whether it answers from the response cache
     */
    public OpenVersion(
            String namespace,
            ModelConfig config,
            long number,
            VersionCounters counters,
            boolean cached) {
        this.namespace = namespace;
        this.config = config;
        this.number = number;
        this.counters = counters;
        this.cached = cached;
    }

    /**
     * It is open.
     *
     * @param opened asked how many requests wait for it; borrowed until it is closed
     * @param nanos how long that took; 0 for ensembles, which have nothing to load (metrics section
     *     2)
     */
    public void opened(Model opened, long nanos) {
        loadNanos = nanos;
        model = opened;
    }

    /** Path of the model's repository, with namespacing; else empty. */
    public String namespace() {
        return namespace;
    }

    /** Name of the model. */
    public String name() {
        return config.name();
    }

    /** Number of the version. */
    public long number() {
        return number;
    }

    /** Tags that its configuration gives its metrics. */
    public Map<String, String> tags() {
        return config.message().getMetricTagsMap();
    }

    /** What it has done. */
    public ModelStatistics read() {
        return counters.read(name(), number);
    }

    /** How the durations of its requests are distributed. */
    public VersionMeasures measures() {
        return counters.measures();
    }

    /** Requests that have failed for a reason. */
    public long failures(FailureReason reason) {
        return counters.failures(reason);
    }

    /** Batches that were executed and had been closed for a reason. */
    public long closed(BatchClose reason) {
        return counters.closed(reason);
    }

    /** Requests that it holds. */
    public long inFlight() {
        return counters.inFlight();
    }

    /** Whether it has instances of its own; an ensemble has none. */
    public boolean hasInstances() {
        return !(config.scheduling() instanceof Scheduling.Ensemble);
    }

    /** What its instances do now. */
    public InstanceUse use() {
        return counters.use(System.nanoTime());
    }

    /** Notes what its instances have done; called by one thread from time to time. */
    public void look() {
        long now = System.nanoTime();
        utilization.look(now, counters.use(now));
    }

    /** Share of its instances' time in which they executed, over the last seconds; 0 to 1. */
    public double utilization() {
        return utilization.share();
    }

    /** Whether it answers from the response cache. */
    public boolean cached() {
        return cached;
    }

    /** Requests that wait for an instance. */
    public long pending() {
        return Optional.ofNullable(model).map(Model::pending).orElse(0L);
    }

    /** What its instances execute. */
    public List<RunningBatch> running() {
        return Optional.ofNullable(model).map(Model::running).orElse(List.of());
    }

    /** Notes how many of its instances are stuck. */
    public void setStuckInstances(int count) {
        stuckInstances = count;
    }

    /** Instances that were found stuck at the last look. */
    public int stuckInstances() {
        return stuckInstances;
    }

    /** How long it took to load; 0 until it is loaded. */
    public double loadSeconds() {
        return (double) loadNanos / TimeUnit.SECONDS.toNanos(1);
    }
}
