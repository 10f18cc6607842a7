package io.nereid.backend;

/**
 * A batch that an instance executes. A look from outside: it may have ended meanwhile.
 *
 * @param instance name of the instance
 * @param sinceNanos when it began, in nanoseconds of {@link System#nanoTime}
 * @param thread that executes it
 */
public record RunningBatch(String instance, long sinceNanos, Thread thread) {}
