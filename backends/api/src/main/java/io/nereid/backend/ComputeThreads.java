package io.nereid.backend;

/**
 * Threads that an engine computes with when an instance executes.
 *
 * @param count threads that may compute one execution, the instance's own among them, at least 1
 * @param shared whether those besides the instance's own serve all models of the engine
 * @param setting what a user changes the count by, such as a parameter's name; empty if nothing
 *     does
 */
public record ComputeThreads(int count, boolean shared, String setting) {
    /** Instances compute on their own threads alone. */
    public static final ComputeThreads OWN = new ComputeThreads(1, false, "");

    /**
     * Cores that executions of all instances at a time can keep busy. Threads that all models share
     * are no more for several instances.
     */
    public long wanted(int instances) {
        return shared ? Math.max(instances, count) : (long) instances * count;
    }
}
