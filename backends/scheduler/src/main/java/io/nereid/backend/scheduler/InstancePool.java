package io.nereid.backend.scheduler;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.RunningBatch;
import io.nereid.backend.scheduler.ratelimit.ModelSlots;
import io.nereid.backend.scheduler.ratelimit.RateLimiter;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One model version in its engine: the weights, and the instances with their threads; a passive
 * instance has none. Opened, changed and closed by control threads, one at a time; the
 * configuration, and what the instances do, may be read from any thread.
 */
final class InstancePool implements Model.Instances, AutoCloseable {
    private final long version;
    private final BackendModel model;
    private final WarmUp warmUp;
    private final Function<InstanceSpec, BatchSource> sources;
    private final SchedulerContext context;
    private final Optional<ModelSlots> slots;

    // Written by the control thread that changes the instances.
    private volatile List<InstanceThread> instances = List.of();
    private volatile ModelConfig config;

    private InstancePool(
            ModelConfig config,
            long version,
            @Owned BackendModel model,
            WarmUp warmUp,
            Function<InstanceSpec, BatchSource> sources,
            SchedulerContext context) {
        this.config = config;
        this.version = version;
        this.model = model;
        this.warmUp = warmUp;
        this.sources = sources;
        this.context = context;
        this.slots = context.instances().limiter().map(RateLimiter::model);
    }

    /**
     * Opens all instances, one after the other, and warms them up side by side; each executes what
     * its source hands out until that ends. If one cannot be had, the others and the model are
     * closed.
     *
     * @param sources where each instance gets its work
     */
    static @Owned InstancePool open(
            ModelConfig config,
            long version,
            @Owned BackendModel model,
            List<InstanceSpec> specs,
            WarmUp warmUp,
            Function<InstanceSpec, BatchSource> sources,
            SchedulerContext context) {
        InstancePool pool = new InstancePool(config, version, model, warmUp, sources, context);
        boolean opened = false;
        try {
            pool.instances = pool.open(specs);
            opened = true;
        } finally {
            if (!opened) {
                model.close();
            }
        }
        return pool;
    }

    /** Configuration of the model. */
    ModelConfig config() {
        return config;
    }

    /** Version of the model. */
    long version() {
        return version;
    }

    @Override
    public List<RunningBatch> batches() {
        return instances.stream().flatMap(each -> each.running().stream()).toList();
    }

    @Override
    public void replace(ModelConfig next, List<InstanceSpec> wanted) {
        List<InstanceThread> surplus = new ArrayList<>(instances);
        List<InstanceThread> staying = new ArrayList<>();
        List<InstanceSpec> missing = new ArrayList<>();
        for (InstanceSpec spec : wanted) {
            Optional<InstanceThread> same =
                    surplus.stream().filter(each -> spec.isLike(each.spec())).findFirst();
            same.ifPresentOrElse(staying::add, () -> missing.add(spec));
            same.ifPresent(surplus::remove);
        }
        staying.addAll(open(missing));
        instances = List.copyOf(staying);
        config = next;
        retire(surplus);
    }

    /** Opens instances; if one cannot be had, none of them stays. */
    private List<InstanceThread> open(List<InstanceSpec> specs) {
        List<InstanceThread> opened = new ArrayList<>();
        boolean complete = false;
        try {
            for (InstanceSpec spec : specs) {
                opened.add(start(spec));
            }
            opened.forEach(InstanceThread::awaitWarm);
            complete = true;
        } finally {
            if (!complete) {
                retire(opened);
            }
        }
        return List.copyOf(opened);
    }

    private InstanceThread start(InstanceSpec spec) {
        BatchSource own = source(spec);
        boolean started = false;
        try {
            InstanceThread thread =
                    new InstanceThread(
                            spec, model.openInstance(spec), config, version, warmUp, own, context);
            started = true;
            return thread;
        } finally {
            if (!started) {
                own.left();
            }
        }
    }

    /** Where an instance gets its work, and gets it only with its resources if there are limits. */
    private BatchSource source(InstanceSpec spec) {
        if (spec.group().getPassive()) {
            return new PassiveSource();
        }
        BatchSource source = sources.apply(spec);
        return slots.<BatchSource>map(all -> new RateLimitedSource(source, all.open(spec)))
                .orElse(source);
    }

    private static void retire(List<InstanceThread> going) {
        going.forEach(InstanceThread::retire);
        closeAll(going.iterator());
    }

    /** Waits until the threads have come to the end of their source, and frees everything. */
    @Override
    public void close() {
        try {
            closeAll(instances.iterator());
        } finally {
            model.close();
        }
    }

    /** Closes all, whatever any of them throws. */
    private static void closeAll(Iterator<InstanceThread> rest) {
        if (rest.hasNext()) {
            InstanceThread next = rest.next();
            try {
                next.close();
            } finally {
                closeAll(rest);
            }
        }
    }
}
