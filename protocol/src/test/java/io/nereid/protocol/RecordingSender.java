package io.nereid.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps what a model sends. The caller closes the responses, or this sender. */
public final class RecordingSender implements ResponseSender, AutoCloseable {
    private final List<InferenceResponse> responses = new ArrayList<>();
    private final List<StatusException> failures = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private int ends;

    @Override
    public synchronized void send(InferenceResponse response, boolean last) {
        responses.add(response);
        if (last) {
            end();
        }
    }

    @Override
    public synchronized void complete() {
        end();
    }

    @Override
    public synchronized void fail(StatusException status) {
        failures.add(status);
        end();
    }

    private void end() {
        ends++;
        ended.countDown();
    }

    /** How often the request was ended; anything but 1 is a fault of the model. */
    public synchronized int ends() {
        return ends;
    }

    /** Responses so far, in order, borrowed. */
    public synchronized List<InferenceResponse> responses() {
        return List.copyOf(responses);
    }

    /** The only response, borrowed. */
    public synchronized InferenceResponse response() {
        if (!failures.isEmpty()) {
            throw new AssertionError("request failed: " + failures, failures.getFirst());
        }
        if (responses.size() != 1) {
            throw new AssertionError("expected one response, found " + responses.size());
        }
        return responses.getFirst();
    }

    /** The only failure. */
    public synchronized StatusException failure() {
        if (failures.size() != 1) {
            throw new AssertionError("expected one failure, found " + failures + ", " + responses);
        }
        return failures.getFirst();
    }

    /** Whether the request has ended. */
    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** Waits for the end of the request, a minute at most. */
    public RecordingSender await() {
        try {
            if (!ended.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("no answer within a minute");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for an answer", e);
        }
        return this;
    }

    /** Closes the responses. */
    @Override
    public synchronized void close() {
        responses.forEach(InferenceResponse::close);
        responses.clear();
    }
}
