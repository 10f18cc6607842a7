package io.nereid.backend.scheduler;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes the answers to the requests of a warm-up and keeps only what went wrong. Any thread. */
final class WarmUpAnswers implements ResponseSender {
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final AtomicInteger open;
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

    /**
     * @param requests as many as will be ended
     */
    WarmUpAnswers(int requests) {
        this.open = new AtomicInteger(requests);
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        response.close();
        if (last) {
            end();
        }
    }

    @Override
    public void complete() {
        end();
    }

    @Override
    public void fail(StatusException status) {
        errors.add(status.text());
        end();
    }

    private void end() {
        if (open.decrementAndGet() == 0) {
            boolean _ = ended.complete(true);
        }
    }

    /** Waits for the end of all requests; what went wrong with them. */
    List<String> await() {
        boolean _ = ended.join();
        return List.copyOf(errors);
    }
}
