package io.nereid.ensemble;

import io.nereid.backend.EnsembleStep;
import io.nereid.protocol.ComputeNanos;

/**
 * What one run of a step took, in nanoseconds.
 *
 * @param startNanos when its inputs were there
 * @param queueNanos how long it waited for a slot and in its model's queue
 * @param compute what its execution took; nothing if it has not ended
 * @param totalNanos until its answer, or the response that is told of
 * @param nested the same of its own steps if it is an ensemble, as a JSON text; else empty
 */
record StepTiming(
        EnsembleStep step,
        long startNanos,
        long queueNanos,
        ComputeNanos compute,
        long totalNanos,
        String nested) {}
