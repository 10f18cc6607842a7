package io.nereid.repository;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.ModelLifecycle.Version;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Phaser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts versions in service and takes them out again. Owns them until they are closed, which happens
 * on a thread of its own once the last request has ended. Used by control threads; calls for one
 * model come one after the other.
 */
final class ServedModels {
    private static final Logger log = LoggerFactory.getLogger(ServedModels.class);

    private final ModelLifecycle lifecycle;
    private final ControlThreads closers = new ControlThreads();

    /** One party for each version that is on its way out, and one for {@link #closeAll}. */
    private final Phaser closing = new Phaser(1);

    // Only ever set; a load that misses it is waited for by whoever set it.
    private volatile boolean stopping;

    ServedModels(ModelLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /**
     * Puts versions of a model in service, all at one moment, in place of all others.
     *
     * @param kept versions that stay in service as they are
     */
    void replace(String model, @Owned Map<Long, ReadyModel> ready, Set<Long> kept) {
        Map<Long, ReadyModel> before = served(model);
        Map<Long, Version> next = new TreeMap<>();
        before.forEach((number, old) -> {
            if (!kept.contains(number)) {
                next.put(number, Version.unloading(old));
            }
        });
        ready.forEach((number, version) -> next.put(number, Version.ready(version)));
        lifecycle.transition(model, next);
        before.keySet().removeAll(kept);
        before.forEach((number, old) -> retire(model, number, old));
    }

    /** Takes all versions of a model out of service; what they have accepted is still answered. */
    void withdraw(String model) {
        Map<Long, ReadyModel> before = served(model);
        Map<Long, Version> next = new TreeMap<>();
        before.forEach((number, old) -> next.put(number, Version.unloading(old)));
        if (!next.isEmpty()) {
            lifecycle.transition(model, next);
            before.forEach((number, old) -> retire(model, number, old));
        }
    }

    private Map<Long, ReadyModel> served(String model) {
        Map<Long, ReadyModel> served = new TreeMap<>();
        lifecycle
                .find(model)
                .ifPresent(entry ->
                        entry.versions()
                                .forEach((number, version) ->
                                        version.served()
                                                .ifPresent(ready -> served.put(number, ready))));
        return served;
    }

    /** Whoever ends the last hold, perhaps on an event loop, only starts the thread that closes. */
    private void retire(String model, long number, @Owned ReadyModel old) {
        int _ = closing.register();
        old.retire(() ->
                closers.start(
                        new CompletableFuture<>(),
                        () -> {
                            free(old);
                            lifecycle.unloaded(model, number, old);
                            return closing.arriveAndDeregister();
                        },
                        failure -> {
                            log.error("failed to unload '{}' version {}", model, number, failure);
                            return closing.arriveAndDeregister();
                        }));
    }

    /** Lets no load begin any more. */
    void stop() {
        stopping = true;
    }

    /**
     * Refuses a load that begins too late.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting}
     */
    void requireOpen() {
        if (stopping) {
            throw new StatusException(StatusCode.UNAVAILABLE, "Server exiting");
        }
    }

    /** Closes every model and waits. Loads have ended. Ensembles hold their members until then. */
    void closeAll() {
        lifecycle.snapshot().keySet().forEach(this::withdraw);
        int _ = closing.arriveAndAwaitAdvance();
        closers.close();
    }

    /** Closes a model that nobody holds; a failure is logged. Called on: control threads. */
    static void free(@Owned ReadyModel ready) {
        String name = ready.model().config().name();
        long version = ready.model().version();
        boolean closed =
                ControlThreads.run(
                        () -> {
                            ready.free();
                            return true;
                        },
                        failure -> {
                            log.error(
                                    "failed to unload '{}' version {}: {}",
                                    name,
                                    version,
                                    failure.describe(),
                                    failure.getCause());
                            return false;
                        });
        if (closed) {
            log.info("successfully unloaded '{}' version {}", name, version);
        }
    }
}
