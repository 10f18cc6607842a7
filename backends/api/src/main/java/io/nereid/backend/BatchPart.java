package io.nereid.backend;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ResponseSender;
import java.util.Optional;

/** How far one request of a batch has come. Used by one thread at a time. */
final class BatchPart {
    private final InferenceRequest request;
    private final ResponseSender sender;
    private final SequenceStep step;
    private Runnable lastAnswer = () -> {};
    private boolean ended;
    private long endNanos;
    private Optional<FailureReason> failure = Optional.empty();

    private int responses;
    private long responseStart;
    private long outputsReady;
    private boolean hasOutputs;

    /**
     * @param startNanos when its execution began
     */
    BatchPart(Batch.Item item, long startNanos) {
        this.request = item.request();
        this.sender = item.sender();
        this.step = item.step();
        this.responseStart = startNanos;
    }

    InferenceRequest request() {
        return request;
    }

    ResponseSender sender() {
        return sender;
    }

    SequenceStep step() {
        return step;
    }

    /** Whether anybody is told of this execution: a request that goes on has its last one ahead. */
    boolean isCounted() {
        return !step.isPadding() && !step.isRescheduled();
    }

    int batchSize() {
        return Math.max(1, request.batchSize());
    }

    boolean hasEnded() {
        return ended;
    }

    /** Decoupled models: the outputs of the next response are there. */
    void outputsReady(long now) {
        hasOutputs = true;
        outputsReady = now;
    }

    /** Decoupled models: the next response. Nothing before {@code computing} counts for it. */
    DecoupledResponse next(DecoupledResponse.Kind kind, long computing, long now) {
        long start = responses == 0 ? computing : responseStart;
        long computed = hasOutputs ? outputsReady : now;
        responseStart = now;
        hasOutputs = false;
        return new DecoupledResponse(responses++, computed - start, now - computed, kind);
    }

    /**
     * Ends the request.
     *
     * @param answer what {@link #leave} runs
     */
    void end(Optional<FailureReason> reason, Runnable answer) {
        ended = true;
        failure = reason;
        lastAnswer = answer;
    }

    /** Notes when the request ended. */
    void endAt(long now) {
        endNanos = now;
    }

    /** Lets the last answer go. */
    void leave() {
        lastAnswer.run();
    }

    /** What is told of the request. */
    Execution.Request report(long startNanos) {
        long arrival = request.arrivalNanos();
        return new Execution.Request(
                batchSize(), startNanos - arrival, endNanos - arrival, failure);
    }
}
