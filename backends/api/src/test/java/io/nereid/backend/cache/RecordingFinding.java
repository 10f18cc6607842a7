package io.nereid.backend.cache;

import io.nereid.protocol.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what comes of a look-up, and owns the outputs. */
public final class RecordingFinding implements ResponseCache.Finding, AutoCloseable {
    private final CompletableFuture<Optional<List<Tensor>>> end = new CompletableFuture<>();

    /** Looks a key up. */
    public static RecordingFinding of(ResponseCache cache, ResponseKey key) {
        RecordingFinding finding = new RecordingFinding();
        cache.find(key, finding);
        return finding;
    }

    @Override
    public void found(List<Tensor> outputs) {
        end(Optional.of(outputs));
    }

    @Override
    public void missing() {
        end(Optional.empty());
    }

    private void end(Optional<List<Tensor>> result) {
        if (!end.complete(result)) {
            throw new AssertionError("a look-up ended twice");
        }
    }

    /** The outputs, borrowed; empty if the answer is missing. */
    public Optional<List<Tensor>> outputs() {
        try {
            return end.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("no end of a look-up", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a look-up", e);
        }
    }

    /** Whether it has ended. */
    public boolean hasEnded() {
        return end.isDone();
    }

    /** Closes the outputs. */
    @Override
    public void close() {
        outputs().ifPresent(outputs -> outputs.forEach(output -> output.buffer().close()));
    }
}
