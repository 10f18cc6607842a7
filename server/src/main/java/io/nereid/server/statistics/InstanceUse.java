package io.nereid.server.statistics;

/**
 * What the instances of a version do.
 *
 * @param instances those that take requests
 * @param executing requests that are being executed
 * @param busyNanos time in which instances executed, summed over all that there ever were
 */
public record InstanceUse(int instances, int executing, long busyNanos) {
    /** No instances. */
    public static final InstanceUse NONE = new InstanceUse(0, 0, 0);
}
