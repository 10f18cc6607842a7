package io.nereid.backend;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it is told. */
public final class RecordingListener implements ExecutionListener {
    private final List<Execution> executions = new CopyOnWriteArrayList<>();
    private final List<DecoupledResponse> responses = new CopyOnWriteArrayList<>();
    private final List<FailureReason> failures = new CopyOnWriteArrayList<>();

    @Override
    public void executed(Execution execution) {
        executions.add(execution);
    }

    @Override
    public void responded(DecoupledResponse response) {
        responses.add(response);
    }

    @Override
    public void failed(FailureReason reason, long nanos) {
        failures.add(reason);
    }

    /** Executions so far, in order. */
    public List<Execution> executions() {
        return executions;
    }

    /** Responses of decoupled models so far, in order. */
    public List<DecoupledResponse> responses() {
        return responses;
    }

    /** Reasons of the requests that failed without having been executed, in order. */
    public List<FailureReason> failures() {
        return failures;
    }
}
