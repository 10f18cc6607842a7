package io.nereid.ensemble;

import io.nereid.backend.DecoupledResponse;
import io.nereid.backend.Execution;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.FailureReason;
import io.nereid.protocol.ComputeNanos;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** What is told of one request to an ensemble (metrics sections 4 and 8). Used in turn. */
final class RunReport {
    private final ExecutionListener listener;
    private final LongSupplier nanoTime;
    private final int batchSize;
    private final long arrival;
    private long start;
    private long lastResponse;
    private int responses;

    /** A request that arrives now. */
    RunReport(ExecutionListener listener, LongSupplier nanoTime, int batchSize) {
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.batchSize = Math.max(1, batchSize);
        this.arrival = nanoTime.getAsLong();
        this.start = arrival;
        this.lastResponse = arrival;
    }

    /** When the request arrived. */
    long arrivalNanos() {
        return arrival;
    }

    /** The first steps are about to be asked; the time it is. */
    long begun() {
        start = nanoTime.getAsLong();
        lastResponse = start;
        return start;
    }

    /** Decoupled ensembles: a response, or the end without a further one. */
    void responded(DecoupledResponse.Kind kind) {
        long now = nanoTime.getAsLong();
        listener.responded(new DecoupledResponse(responses++, now - lastResponse, 0, kind));
        lastResponse = now;
    }

    /**
     * The request has its answer.
     *
     * @param compute what its steps took together
     */
    void succeeded(ComputeNanos compute) {
        Execution.Request request =
                new Execution.Request(
                        batchSize,
                        start - arrival,
                        nanoTime.getAsLong() - arrival,
                        Optional.empty());
        listener.executed(new Execution(compute, List.of(request)));
    }

    /**
     * The request has failed. It counts twice, as dashboards made for the reference expect: there
     * the error that is sent counts, and the request that it ends once more.
     */
    void failed() {
        long nanos = nanoTime.getAsLong() - arrival;
        listener.failed(FailureReason.OTHER, nanos);
        listener.failed(FailureReason.OTHER, nanos);
    }
}
