package io.nereid.backend.scheduler.cache;

import io.nereid.backend.cache.EventThrottle;
import io.nereid.backend.cache.ResponseCache;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What models use to answer from a cache. Everything stays the caller's.
 *
 * @param cache where answers are kept
 * @param longWork computes keys that take long; may refuse with {@link
 *     java.util.concurrent.RejectedExecutionException}, then the request is executed
 * @param failures keeps answers that cannot be kept from filling the log
 * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
 */
public record CacheContext(
        ResponseCache cache, Executor longWork, EventThrottle failures, LongSupplier nanoTime) {}
