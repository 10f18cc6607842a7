package io.nereid.benchmarks.load;

/**
 * What a load generator has seen.
 *
 * @param requests answered well
 * @param failures everything else
 * @param seconds how long it took
 * @param p50 median latency in microseconds
 * @param p99 in microseconds
 */
public record Load(long requests, long failures, double seconds, double p50, double p99) {
    /**
     * This load, if nothing in it failed and something did not.
     *
     * @throws IllegalStateException if not
     */
    public Load checked(String what) {
        if (requests == 0) {
            throw new IllegalStateException(what + ": nothing was answered");
        }
        return unfailed(what);
    }

    /**
     * This load, if nothing in it failed.
     *
     * @throws IllegalStateException if something did
     */
    public Load unfailed(String what) {
        if (failures > 0) {
            throw new IllegalStateException(what + ": " + this);
        }
        return this;
    }

    /** Requests a second. */
    public double perSecond() {
        return requests / seconds;
    }
}
