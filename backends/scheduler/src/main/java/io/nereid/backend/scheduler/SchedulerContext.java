package io.nereid.backend.scheduler;

import io.nereid.backend.ExecutionListener;
import java.util.function.LongSupplier;

/**
 * What the schedulers of a model version use besides its instances.
 *
 * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
 * @param listener told what becomes of the version's requests
 * @param timer tells queues that requests have waited for too long
 */
public record SchedulerContext(
        LongSupplier nanoTime, ExecutionListener listener, DeadlineTimer timer) {}
