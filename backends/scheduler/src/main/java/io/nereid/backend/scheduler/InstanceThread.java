package io.nereid.backend.scheduler;

import io.nereid.backend.BatchClose;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One instance and the platform thread {@code nereid-<model>-<n>} that alone uses it: warms it up,
 * then lets it execute until it is retired or nothing more comes. Started, retired and closed by
 * control threads.
 */
final class InstanceThread implements AutoCloseable {
    private final InstanceSpec spec;
    private final ModelInstance instance;
    private final BatchSource source;
    private final Thread thread;
    private final CompletableFuture<Optional<StatusException>> warm = new CompletableFuture<>();

    // Only ever set; the thread looks whenever its source wakes it.
    private volatile boolean retired;

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
        InstanceLoop loop = new InstanceLoop(config, version, instance, context);
        this.thread =
                Thread.ofPlatform()
                        .name("nereid-" + config.name() + "-" + spec.index())
                        .daemon()
                        .start(() -> {
                            if (warmUp(loop, warmUp)) {
                                loop.run(source, () -> retired);
                            }
                        });
    }

    /** Whatever comes of it, whoever waits for the instance is told. */
    private boolean warmUp(InstanceLoop loop, WarmUp warmUp) {
        Optional<StatusException> failure =
                Optional.of(
                        new StatusException(
                                StatusCode.INTERNAL, "instance '" + spec.name() + "' has ended"));
        try {
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
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            instance.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
