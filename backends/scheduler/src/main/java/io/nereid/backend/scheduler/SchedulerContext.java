package io.nereid.backend.scheduler;

import io.nereid.backend.ExecutionListener;
import java.util.function.LongSupplier;

/**
 * What the schedulers of a model version use besides its instances.
 *
 * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
 * @param listener told what becomes of the version's requests
 * @param timer tells queues that requests have waited for too long
 * @param instances what holds for the instances of all models
 * @param turns when instances are called for requests that came
 */
public record SchedulerContext(
        LongSupplier nanoTime,
        ExecutionListener listener,
        DeadlineTimer timer,
        InstanceRules instances,
        Turns turns) {
    /**
     * The same with instances that execute whenever and wherever they are, and are called at once.
     */
    public SchedulerContext(
            LongSupplier nanoTime, ExecutionListener listener, DeadlineTimer timer) {
        this(nanoTime, listener, timer, InstanceRules.NONE, Turns.NONE);
    }
}
