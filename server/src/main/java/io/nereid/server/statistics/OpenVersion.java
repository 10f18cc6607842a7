package io.nereid.server.statistics;

import io.nereid.backend.FailureReason;
import io.nereid.backend.Model;
import io.nereid.protocol.ModelConfig;
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
    private final boolean cached;
    private volatile long loadNanos;

    // Null until it is open.
    private volatile @Nullable Model model;

    /**
     * A version that begins to be loaded.
     *
     * @param cached whether it answers from the response cache
     */
    public OpenVersion(ModelConfig config, long number, VersionCounters counters, boolean cached) {
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

    /** Whether it answers from the response cache. */
    public boolean cached() {
        return cached;
    }

    /** Requests that wait for an instance. */
    public long pending() {
        return Optional.ofNullable(model).map(Model::pending).orElse(0L);
    }

    /** How long it took to load; 0 until it is loaded. */
    public double loadSeconds() {
        return (double) loadNanos / TimeUnit.SECONDS.toNanos(1);
    }
}
