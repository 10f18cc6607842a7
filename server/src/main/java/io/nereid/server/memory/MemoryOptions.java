package io.nereid.server.memory;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How much memory models may take.
 *
 * @param budget bytes that all models may take together; empty for no limit
 * @param lazy whether models are opened by the first request, and closed when others need room
 * @param pinned models that are opened at once and stay, in spite of {@code lazy}
 * @param patience longest time that a request waits for its model to be opened
 */
public record MemoryOptions(
        OptionalLong budget, boolean lazy, Set<String> pinned, Duration patience) {
    /** Longest wait unless told otherwise. */
    public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(30);

    /** No limit, models are opened at once. */
    public static final MemoryOptions UNLIMITED =
            new MemoryOptions(OptionalLong.empty(), false, Set.of(), DEFAULT_PATIENCE);

    /** Copies the names. */
    public MemoryOptions {
        pinned = Set.copyOf(pinned);
    }
}
