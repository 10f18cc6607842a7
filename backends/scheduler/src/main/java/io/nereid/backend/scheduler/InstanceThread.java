package io.nereid.backend.scheduler;

import io.nereid.backend.BatchClose;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.RunningBatch;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One instance and its platform thread {@code nereid-<model>-<n>}: warms it up, then lets it
 * execute until it is retired or nothing more comes. Unless the instance is bound to this thread,
 * others may execute for it while the thread waits. A passive instance is kept, but has no thread.
 * Started, retired and closed by control threads.
 */
final class InstanceThread implements Taker, AutoCloseable {
    private final InstanceSpec spec;
    private final ModelInstance instance;
    private final InstanceLoop loop;
    private final BatchSource source;
    private final Optional<Thread> thread;
    private final CompletableFuture<Optional<StatusException>> warm = new CompletableFuture<>();

    // Only ever set; the thread looks whenever its source wakes it.
    private volatile boolean retired;

    /** Whether it executes on its own thread alone; set by that before it takes anything. */
    private boolean bound = true;

    /**
     * Starts the thread.
     *
     * @param instance closed by {@link #close}
     * @param warmUp executed before anything else
     * @param source where requests come from
     */
    InstanceThread(
            InstanceSpec spec,
            @Owned ModelInstance instance,
            ModelConfig config,
            long version,
            WarmUp warmUp,
            BatchSource source,
            SchedulerContext context) {
        this.spec = spec;
        this.instance = instance;
        this.source = source;
        this.loop = new InstanceLoop(config, version, instance, context);
        if (spec.group().getPassive()) {
            this.thread = Optional.empty();
            warm.complete(Optional.empty());
        } else {
            this.thread =
                    Optional.of(
                            Thread.ofPlatform()
                                    .name("nereid-" + config.name() + "-" + spec.index())
                                    .daemon()
                                    .start(() -> {
                                        if (isReady(warmUp, context.instances())) {
                                            loop.run(source, this);
                                        }
                                    }));
        }
    }

    /**
     * Puts the thread in its place and warms the instance up. Whatever comes of it, whoever waits
     * for the instance is told.
     */
    private boolean isReady(WarmUp warmUp, InstanceRules rules) {
        Optional<StatusException> failure =
                Optional.of(
                        new StatusException(
                                StatusCode.INTERNAL, "instance '" + spec.name() + "' has ended"));
        try {
            boolean placed = rules.placement().test(spec);
            bound = placed || instance.isBoundToThread();
            warmUp.run(
                    spec.name(),
                    items -> loop.execute(new BatchSource.Work(items, BatchClose.IDLE)));
            failure = Optional.empty();
        } catch (StatusException e) {
            failure = Optional.of(e);
        } catch (RuntimeException | Error e) {
            failure =
                    Optional.of(
                            new StatusException(
                                    StatusCode.INTERNAL,
                                    "instance '" + spec.name() + "' could not be warmed up: " + e,
                                    e));
        } finally {
            warm.complete(failure);
        }
        return failure.isEmpty();
    }

    InstanceSpec spec() {
        return spec;
    }

    @Override
    public boolean isRetired() {
        return retired;
    }

    @Override
    public boolean isQuick() {
        return !bound && loop.runs().isQuick();
    }

    @Override
    public boolean isQuick(BatchSource.Work work) {
        return loop.runs().isQuick(work.byteSize());
    }

    @Override
    public long meanNanos() {
        return loop.runs().meanNanos();
    }

    @Override
    public void execute(@Owned BatchSource.Work work) {
        loop.execute(work);
    }

    /** What it executes now. Any thread. */
    Optional<RunningBatch> running() {
        return loop.running(spec.name());
    }

    /**
     * Waits until the instance is warm.
     *
     * @throws StatusException why it cannot be used
     */
    void awaitWarm() {
        warm.join()
                .ifPresent(failure -> {
                    throw failure;
                });
    }

    /** Lets the instance execute no more than it does now. */
    void retire() {
        retired = true;
        source.wake();
    }

    /** Waits for the end of the thread even if interrupted, and frees the instance. */
    @Override
    public void close() {
        source.wake();
        boolean interrupted = thread.isPresent() && awaitEnd(thread.get());
        try {
            source.left();
            instance.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether it was interrupted meanwhile. */
    private static boolean awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }
}
