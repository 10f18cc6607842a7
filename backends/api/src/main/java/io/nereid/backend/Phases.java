package io.nereid.backend;

import io.nereid.protocol.ComputeNanos;

/**
 * The moments at which an execution passes from phase to phase, in nanoseconds of one clock. Used
 * by one thread at a time.
 */
final class Phases {
    private final long start;
    private long inputsReady;
    private long outputsReady;
    private boolean hasInputs;
    private boolean hasOutputs;

    Phases(long start) {
        this.start = start;
    }

    long start() {
        return start;
    }

    /** When computing began: at the start unless the inputs were said to take longer. */
    long computing() {
        return hasInputs ? inputsReady : start;
    }

    /** The first time counts. */
    void inputsReady(long now) {
        if (!hasInputs) {
            hasInputs = true;
            inputsReady = now;
        }
    }

    /** The last time counts. */
    void outputsReady(long now) {
        hasOutputs = true;
        outputsReady = now;
    }

    /** What each phase took. What nobody marked counts as computing. */
    ComputeNanos until(long end) {
        long computed = hasOutputs ? outputsReady : end;
        return new ComputeNanos(computing() - start, computed - computing(), end - computed);
    }
}
