package io.nereid.server.trace;

import java.util.Optional;
import java.util.Set;

/**
 * Settings that one layer specifies; what it leaves open is taken from the layer below (metrics
 * section 10).
 */
record TraceFields(
        Optional<Set<TraceLevel>> levels,
        Optional<Long> rate,
        Optional<Long> count,
        Optional<Long> logFrequency) {
    /** Nothing specified. */
    static final TraceFields NONE =
            new TraceFields(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    static TraceFields of(TraceOptions options) {
        return new TraceFields(
                Optional.of(options.levels()),
                Optional.of(options.rate()),
                Optional.of(options.count()),
                Optional.of(options.logFrequency()));
    }

    /** These settings, and the other layer's for what is open here. */
    TraceFields over(TraceFields below) {
        return new TraceFields(
                levels.or(below::levels),
                rate.or(below::rate),
                count.or(below::count),
                logFrequency.or(below::logFrequency));
    }

    /** These settings with another count. */
    TraceFields withCount(long other) {
        return new TraceFields(levels, rate, Optional.of(other), logFrequency);
    }

    /** Whether nothing is left open. */
    boolean isWhole() {
        return levels.isPresent()
                && rate.isPresent()
                && count.isPresent()
                && logFrequency.isPresent();
    }
}
