package io.nereid.backend.scheduler;

import io.nereid.backend.InstanceSpec;
import io.nereid.backend.scheduler.ratelimit.RateLimiter;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What holds for the instances of all models of a server.
 *
 * @param limiter lets instances execute only while there are resources for them; empty if they may
 *     always
 * @param placement puts the calling thread, an instance's, where the instance is to compute; called
 *     before anything else
 */
public record InstanceRules(Optional<RateLimiter> limiter, Consumer<InstanceSpec> placement) {
    /** Instances execute whenever and wherever they are. */
    public static final InstanceRules NONE = new InstanceRules(Optional.empty(), _ -> {});
}
