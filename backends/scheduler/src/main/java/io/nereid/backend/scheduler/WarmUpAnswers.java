package io.nereid.backend.scheduler;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Takes the answers to the requests of a warm-up and keeps only what went wrong. Any thread. */
final class WarmUpAnswers implements ResponseSender {
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final CountDownLatch open;

    /**
     * @param requests as many as will be ended
     */
    WarmUpAnswers(int requests) {
        this.open = new CountDownLatch(requests);
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        response.close();
        if (last) {
            open.countDown();
        }
    }

    @Override
    public void complete() {
        open.countDown();
    }

    @Override
    public void fail(StatusException status) {
        errors.add(status.text());
        open.countDown();
    }

    /** Waits for the end of all requests; what went wrong with them. */
    List<String> await() {
        boolean interrupted = false;
        while (open.getCount() > 0) {
            try {
                open.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return List.copyOf(errors);
    }
}
