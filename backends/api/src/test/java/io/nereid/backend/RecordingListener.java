package io.nereid.backend;

import io.nereid.protocol.ComputeNanos;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it is told. */
public final class RecordingListener implements ExecutionListener {
    /** What was told of a step. */
    public record Stepped(
            EnsembleStep step, long queueNanos, ComputeNanos compute, long totalNanos) {}

    private final List<Stepped> steps = new CopyOnWriteArrayList<>();
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

    @Override
    public void stepped(EnsembleStep step, long queueNanos, ComputeNanos compute, long totalNanos) {
        steps.add(new Stepped(step, queueNanos, compute, totalNanos));
    }

    /** Steps of ensembles so far, in order. */
    public List<Stepped> steps() {
        return steps;
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
