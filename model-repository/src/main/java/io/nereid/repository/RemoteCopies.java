package io.nereid.repository;

import io.nereid.protocol.StatusException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The copies of remote models that one change needs: made when they are asked for, or a few at a
 * time ahead of that, and held until the change has ended, by when whoever serves a model holds its
 * copy. Used by one control thread.
 */
final class RemoteCopies implements AutoCloseable {
    /** Models that are downloaded at a time. */
    private static final int AT_A_TIME = 4;

    /** A model as it was listed. */
    private record Listed(String origin, ModelFingerprint fingerprint) {
        static Listed of(RemoteModel model) {
            return new Listed(model.origin(), ModelFingerprint.of(model));
        }
    }

    private final ExecutorService threads =
            Executors.newFixedThreadPool(
                    AT_A_TIME, Thread.ofVirtual().name("nereid-download-", 0).factory());
    private final Map<Listed, CompletableFuture<HeldDirectory>> copies = new HashMap<>();

    /** Begins to copy models. */
    void prepare(Collection<RemoteModel> models) {
        for (RemoteModel model : models) {
            CompletableFuture<HeldDirectory> _ = begin(model);
        }
    }

    private CompletableFuture<HeldDirectory> begin(RemoteModel model) {
        return copies.computeIfAbsent(
                Listed.of(model),
                _ -> CompletableFuture.supplyAsync(() -> RemoteCopy.of(model), threads));
    }

    /**
     * The copy of a model; borrowed. Blocks.
     *
     * @throws StatusException if it cannot be made
     */
    HeldDirectory of(RemoteModel model) {
        return RemoteCopy.joined(begin(model));
    }

    @Override
    public void close() {
        threads.close();
        copies.values().stream()
                .filter(copy -> !copy.isCompletedExceptionally())
                .forEach(copy -> copy.join().close());
    }
}
