package io.nereid.backend.scheduler;

import io.nereid.backend.InstanceSpec;
import io.nereid.backend.scheduler.ratelimit.RateLimiter;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What holds for the instances of all models of a server.
 *
 * @param limiter lets instances execute only while there are resources for them; empty if they may
 *     always
 * @param placement puts the calling thread, an instance's, where the instance is to compute, and
 *     tells whether there is such a place: no other thread computes for it then. Called before
 *     anything else
 * @param quickNanos executions that are no longer in the mean may be done by the threads that bring
 *     requests; 0 if none may
 */
public record InstanceRules(
        Optional<RateLimiter> limiter, Predicate<InstanceSpec> placement, long quickNanos) {
    /** Instances execute whenever there is work, on threads of their own wherever those are. */
    public static final InstanceRules NONE = new InstanceRules(Optional.empty(), _ -> false, 0);
}
