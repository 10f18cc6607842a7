package io.nereid.server.statistics;

import io.nereid.backend.EnsembleStep;
import io.nereid.protocol.ComputeNanos;
import java.util.List;
import java.util.SortedMap;

/**
 * What one version of a model has done (metrics section 8).
 *
 * @param lastInferenceMillis milliseconds since the epoch of the end of the last execution; 0 for
 *     never
 * @param inferenceCount batch items of successful requests that were not answered from a cache
 * @param executionCount executions
 * @param requests durations of requests by their outcome and phase
 * @param responses by position of the response within its request; decoupled models only
 * @param batches by total batch size, ascending
 * @param memory memory that the model holds
 * @param steps of an ensemble, in its configuration's order, those that have been answered
 */
public record ModelStatistics(
        String name,
        long version,
        long lastInferenceMillis,
        long inferenceCount,
        long executionCount,
        Requests requests,
        SortedMap<Integer, Responses> responses,
        List<Batches> batches,
        List<Memory> memory,
        List<Step> steps) {

    /**
     * How often something happened and how long it took in all.
     *
     * @param count occurrences
     * @param nanos nanoseconds in all
     */
    public record Duration(long count, long nanos) {}

    /** Durations of requests. */
    public record Requests(
            Duration success,
            Duration fail,
            Duration queue,
            Duration computeInput,
            Duration computeInfer,
            Duration computeOutput,
            Duration cacheHit,
            Duration cacheMiss) {}

    /** Durations of the responses at one position. */
    public record Responses(
            Duration computeInfer,
            Duration computeOutput,
            Duration success,
            Duration fail,
            Duration emptyResponse,
            Duration cancel) {}

    /** Durations of the executions of one total batch size. */
    public record Batches(
            long batchSize, Duration computeInput, Duration computeInfer, Duration computeOutput) {}

    /**
     * Memory that a model holds.
     *
     * @param type {@code CPU}, {@code CPU_PINNED} or {@code GPU}
     * @param id number of the device
     */
    public record Memory(String type, long id, long byteSize) {}

    /**
     * What a step of an ensemble has done.
     *
     * @param step which one
     * @param count how often it was answered
     * @param queueNanos time that it waited
     * @param compute time that it computed, phase by phase
     * @param totalNanos time until it was answered
     */
    public record Step(
            EnsembleStep step,
            long count,
            long queueNanos,
            ComputeNanos compute,
            long totalNanos) {}
}
