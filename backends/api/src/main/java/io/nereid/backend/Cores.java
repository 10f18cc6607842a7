package io.nereid.backend;

/**
 * The cores that the process may use: the one place that everything sized after the machine asks.
 */
public final class Cores {
    private Cores() {}

    /**
     * How many there are, at least 1: the smallest of the machine's, those of the process's
     * affinity or cpuset, and the quota of its cgroup (versions 1 and 2), rounded up. The Java
     * runtime reads all of these, and {@code -XX:ActiveProcessorCount} overrides them.
     */
    public static int available() {
        return Runtime.getRuntime().availableProcessors();
    }
}
