package io.nereid.protocol;

import java.util.Optional;

/** Passes on to two. */
final class BothTraces implements RequestTrace {
    private final RequestTrace first;
    private final RequestTrace second;

    BothTraces(RequestTrace first, RequestTrace second) {
        this.first = first;
        this.second = second;
    }

    @Override
    public void started(InferenceRequest request) {
        first.started(request);
        second.started(request);
    }

    @Override
    public void queued(long nanos) {
        first.queued(nanos);
        second.queued(nanos);
    }

    @Override
    public void computed(long startNanos, ComputeNanos compute) {
        first.computed(startNanos, compute);
        second.computed(startNanos, compute);
    }

    @Override
    public void responded(InferenceResponse response) {
        first.responded(response);
        second.responded(response);
    }

    @Override
    public void ended(Optional<StatusException> failure) {
        first.ended(failure);
        second.ended(failure);
    }

    @Override
    public RequestTrace child(String modelName, long version) {
        return RequestTrace.both(first.child(modelName, version), second.child(modelName, version));
    }

    @Override
    public String traceId() {
        return first.traceId().isEmpty() ? second.traceId() : first.traceId();
    }
}
