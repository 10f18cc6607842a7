package io.nereid.server.instances;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.ComputeThreads;
import io.nereid.backend.InstanceSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the threads of each model's instances have a core each. What is loaded at start is told
 * together in the end, what comes later in a line of its own; a model that wants more cores than
 * there are is warned of at once. Any thread.
 */
public final class ThreadPlan {
    private static final Logger log = LoggerFactory.getLogger(ThreadPlan.class);

    private final int cores;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private final List<Row> rows = new ArrayList<>();

    @GuardedBy("lock")
    private boolean told;

    /**
     * What a version of a model computes with.
     *
     * @param instances instances that execute, passive ones not counted
     * @param threads threads of each
     */
    public record Row(String model, long version, int instances, ComputeThreads threads) {
        /** Cores that it can keep busy. */
        public long wanted() {
            return threads.wanted(instances);
        }
    }

    /**
     * @param cores cores that the process may use
     */
    public ThreadPlan(int cores) {
        this.cores = cores;
    }

    /** Cores that the process may use. */
    public int cores() {
        return cores;
    }

    /** Takes the instances of a version that has been opened into account. */
    public void add(String model, long version, List<InstanceSpec> specs, ComputeThreads threads) {
        int active = (int) specs.stream().filter(spec -> !spec.group().getPassive()).count();
        Row row = new Row(model, version, active, threads);
        if (row.wanted() > cores) {
            log.warn("{}", warning(row));
        }
        if (isLate(row)) {
            log.info(
                    "model '{}' version {}: instances {}, threads of each {}, of {} cores",
                    model,
                    version,
                    active,
                    describe(threads),
                    cores);
        }
    }

    private boolean isLate(Row row) {
        synchronized (lock) {
            if (!told) {
                rows.add(row);
            }
            return told;
        }
    }

    /** What was added so far, by model and version; from now on models are told one by one. */
    public List<Row> tell() {
        synchronized (lock) {
            told = true;
            List<Row> sorted =
                    rows.stream()
                            .sorted(
                                    Comparator.comparing(Row::model)
                                            .thenComparingLong(Row::version))
                            .toList();
            rows.clear();
            return sorted;
        }
    }

    /** Threads of an instance, and whether they are its own. */
    public static String describe(ComputeThreads threads) {
        return threads.count() + (threads.shared() ? ", shared by all models of the engine" : "");
    }

    private String warning(Row row) {
        ComputeThreads threads = row.threads();
        String advice = "lower count in instance_group";
        if (!threads.setting().isEmpty() && threads.count() > 1) {
            advice = "lower " + threads.setting() + ", or count in instance_group";
        }
        return "model '%s' version %d: instances %d, threads of each %s, and only %d cores, for which"
                        .formatted(
                                row.model(),
                                row.version(),
                                row.instances(),
                                describe(threads),
                                cores)
                + " they will wait: "
                + advice;
    }
}
