package io.nereid.backend.scheduler.ratelimit;

import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The places of one model version's instances, which take their work from the same queue. */
public final class ModelSlots {
    private final RateLimiter limiter;
    private final List<Slot> slots = new CopyOnWriteArrayList<>();

    ModelSlots(RateLimiter limiter) {
        this.limiter = limiter;
    }

    /**
     * Lets an instance take part. Called on: control threads.
     *
     * @throws StatusException INVALID_ARG if there will never be enough resources for it, or if it
     *     calls a resource global that is another's device's, or the other way around
     */
    public @Owned ExecutionSlot open(InstanceSpec spec) {
        Slot slot = limiter.add(spec);
        slots.add(slot);
        return new ExecutionSlot(limiter, this, slot);
    }

    void remove(Slot slot) {
        slots.remove(slot);
        limiter.remove(slot);
    }

    void recallAll() {
        limiter.recall(slots);
    }
}
