package io.nereid.ensemble;

/**
 * Bounds of one ensemble.
 *
 * @param maxRuns most requests that are on their way at once
 * @param maxTensors most tensors of decoupled steps that one request holds
 * @param maxBytes most bytes of such tensors; one response may exceed it
 */
record RunLimits(int maxRuns, long maxTensors, long maxBytes) {
    /** As many requests as a model's queue takes, and as many tensors of each. */
    static final RunLimits DEFAULT = new RunLimits(65_536, 65_536, 1L << 30);
}
