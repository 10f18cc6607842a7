package io.nereid.backend;

import io.nereid.protocol.ComputeNanos;
import java.util.List;
import java.util.Optional;

/**
 * One execution of a model (metrics sections 4 and 8).
 *
 * @param compute what each of its requests is said to have taken: the duration of the whole
 * @param requests the requests that were executed together
 * @param close why there were not more of them
 */
public record Execution(ComputeNanos compute, List<Request> requests, BatchClose close) {
    /**
     * One request of an execution.
     *
     * @param batchSize its batch size, at least 1
     * @param queueNanos from its arrival to the beginning of the execution
     * @param totalNanos from its arrival to its end
     * @param failure why it failed; empty if it was answered
     */
    public record Request(
            int batchSize, long queueNanos, long totalNanos, Optional<FailureReason> failure) {}

    public Execution {
        requests = List.copyOf(requests);
    }

    /** An execution of requests that nobody waited to combine with more. */
    public Execution(ComputeNanos compute, List<Request> requests) {
        this(compute, requests, BatchClose.IDLE);
    }

    /** Batch size of all requests together. */
    public int batchSize() {
        int sum = 0;
        for (Request request : requests) {
            sum += request.batchSize();
        }
        return sum;
    }
}
