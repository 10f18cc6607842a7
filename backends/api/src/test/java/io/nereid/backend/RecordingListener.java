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
    private final List<Long> cacheHits = new CopyOnWriteArrayList<>();
    private final List<Long> cacheMisses = new CopyOnWriteArrayList<>();

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
    public void cacheHit(long lookUpNanos) {
        cacheHits.add(lookUpNanos);
    }

    @Override
    public void cacheMiss(long nanos) {
        cacheMisses.add(nanos);
    }

    /** Nanoseconds of the requests that were answered from a cache, in order. */
    public List<Long> cacheHits() {
        return cacheHits;
    }

    /** Nanoseconds that a cache cost the requests that it could not answer, in order. */
    public List<Long> cacheMisses() {
        return cacheMisses;
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
