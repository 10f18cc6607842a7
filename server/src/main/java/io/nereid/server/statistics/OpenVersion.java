package io.nereid.server.statistics;

import io.nereid.backend.FailureReason;
import io.nereid.backend.Model;
import io.nereid.backend.RunningBatch;
import io.nereid.protocol.ModelConfig;
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
    private final ModelConfig config;
    private final long number;
    private final VersionCounters counters;
    private volatile long loadNanos;

    // Null until it is open.
    private volatile @Nullable Model model;

    // Written by whoever looks for instances that are stuck.
    private volatile int stuckInstances;

    /** A version that begins to be loaded. */
    public OpenVersion(ModelConfig config, long number, VersionCounters counters) {
        this.config = config;
        this.number = number;
        this.counters = counters;
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

    /** Requests that have failed for a reason. */
    public long failures(FailureReason reason) {
        return counters.failures(reason);
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
