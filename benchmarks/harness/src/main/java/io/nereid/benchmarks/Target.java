package io.nereid.benchmarks;

/**
 * What is to be reached; less is better.
 *
 * @param timesLimit whether the figures are multiples of the limit's CPU time, not figures of their
 *     own
 */
record Target(double must, double aim, boolean timesLimit) {
    static Target of(double must, double aim) {
        return new Target(must, aim, false);
    }

    /** The word for a figure. */
    String verdict(double figure) {
        return figure <= aim ? "aim" : figure <= must ? "met" : "**missed**";
    }
}
