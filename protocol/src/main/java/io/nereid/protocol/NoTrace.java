package io.nereid.protocol;

import java.util.Optional;

/** Does nothing. */
final class NoTrace implements RequestTrace {
    @Override
    public void started(InferenceRequest request) {}

    @Override
    public void queued(long nanos) {}

    @Override
    public void computed(long startNanos, ComputeNanos compute) {}

    @Override
    public void responded(InferenceResponse response) {}

    @Override
    public void ended(Optional<StatusException> failure) {}

    @Override
    public RequestTrace child(String modelName, long version) {
        return this;
    }

    @Override
    public String traceId() {
        return "";
    }
}
