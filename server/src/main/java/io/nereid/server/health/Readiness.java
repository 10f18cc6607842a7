package io.nereid.server.health;

import io.nereid.backend.Model;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.function.Supplier;

/**
 * What readiness asks for besides models that are loaded. May be used from any thread; never
 * blocks.
 *
 * @param strict whether the server is ready only while every model is
 * @param stuck instances that hang
 */
public record Readiness(boolean strict, Supplier<List<StuckInstance>> stuck) {
    /** The rule where nobody looks for instances that hang. */
    public static Readiness unwatched(boolean strict) {
        return new Readiness(strict, List::of);
    }

    /**
     * Refuses for a version of which an instance hangs.
     *
     * @throws StatusException UNAVAILABLE naming the instance
     */
    public void requireWorking(Model model) {
        for (StuckInstance each : stuck.get()) {
            if (each.model().equals(model.config().name()) && each.version() == model.version()) {
                throw new StatusException(StatusCode.UNAVAILABLE, each.describe());
            }
        }
    }

    /**
     * Refuses for the server if any instance hangs and readiness is strict.
     *
     * @throws StatusException UNAVAILABLE naming the instance
     */
    public void requireWorking() {
        List<StuckInstance> now = stuck.get();
        if (strict && !now.isEmpty()) {
            throw new StatusException(StatusCode.UNAVAILABLE, now.getFirst().describe());
        }
    }

    /** Whether the server may be ready. */
    public boolean allWork() {
        return !strict || stuck.get().isEmpty();
    }
}
