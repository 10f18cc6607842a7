package io.nereid.benchmarks;

import io.nereid.benchmarks.load.Load;

/**
 * One measurement.
 *
 * @param cpu CPU microseconds per request
 * @param perSecond requests a second
 * @param p50 median latency in microseconds, 0 where there is none
 * @param p99 in microseconds
 */
record Cell(double cpu, double perSecond, double p50, double p99) {
    static Cell of(Load load, long cpuMicros) {
        return new Cell(
                (double) cpuMicros / load.requests(), load.perSecond(), load.p50(), load.p99());
    }
}
