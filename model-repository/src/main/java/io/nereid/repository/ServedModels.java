package io.nereid.repository;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.ModelLifecycle.Version;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the models that were loaded, in the order in which they became ready: members before
 * ensembles. Used by control threads.
 */
final class ServedModels {
    private static final Logger log = LoggerFactory.getLogger(ServedModels.class);

    /** Versions of one model that became ready together. */
    private record Served(String model, Map<Long, Version> versions) {}

    private final ModelLifecycle lifecycle;
    private final Deque<Served> newestFirst = new ConcurrentLinkedDeque<>();

    // Only ever set; a load that misses it is waited for by whoever set it.
    private volatile boolean stopping;

    ServedModels(ModelLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /** Takes over versions of a model and puts them in service. */
    void add(String model, @Owned Map<Long, Version> ready) {
        newestFirst.addFirst(new Served(model, ready));
        lifecycle.transition(model, ready);
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

    /** Closes every model, ensembles before their members. Loads have ended. */
    void closeAll() {
        for (Served next = newestFirst.pollFirst(); next != null; next = newestFirst.pollFirst()) {
            close(next);
        }
    }

    private void close(Served served) {
        Map<Long, Version> unloading = new TreeMap<>();
        Map<Long, Version> unloaded = new TreeMap<>();
        for (long version : served.versions.keySet()) {
            unloading.put(version, Version.UNLOADING);
            unloaded.put(version, Version.unavailable(ModelLifecycle.UNLOADED));
        }
        lifecycle.transition(served.model, unloading);
        served.versions.forEach((version, ready) -> ready.served().ifPresent(ServedModels::close));
        lifecycle.transition(served.model, unloaded);
    }

    /** Closes a model; a failure is logged. Called on: control threads. */
    static void close(@Owned ReadyModel ready) {
        String name = ready.model().config().name();
        long version = ready.model().version();
        boolean closed =
                ControlThreads.run(
                        () -> {
                            ready.model().close();
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
