package io.nereid.backend.cache;

/**
 * What a response cache tells of itself (metrics section 5). Counters run from the start of the
 * server; durations are nanoseconds in all.
 *
 * @param utilization how much of its room is taken, from 0 to 1
 * @param entries answers that it keeps now
 * @param lookUpNanos of hits and misses
 */
public record CacheFigures(
        double utilization,
        long entries,
        long lookUps,
        long hits,
        long misses,
        long evictions,
        long lookUpNanos,
        long insertionNanos) {}
