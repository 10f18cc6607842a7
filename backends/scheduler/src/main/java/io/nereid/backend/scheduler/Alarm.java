package io.nereid.backend.scheduler;

import java.util.Optional;

/**
 * When a queue wants to be called by the timer: never more than one event is waited for, however
 * many requests have an end. Used by one thread at a time.
 */
final class Alarm {
    private boolean set;
    private long due;

    /** An event to ask of the timer. */
    record Wanted(long due, long nanos) {}

    /**
     * What to ask for so that something happens in {@code nanos} at the latest; nothing if that is
     * so already.
     *
     * @param nanos {@link PendingRequests#FOREVER} if nothing is to happen
     */
    Optional<Wanted> want(long nanos, long now) {
        if (nanos == PendingRequests.FOREVER || (set && due - now <= nanos)) {
            return Optional.empty();
        }
        set = true;
        due = now + nanos;
        return Optional.of(new Wanted(due, nanos));
    }

    /** An event has happened. One that was overtaken by an earlier one leaves that as it is. */
    void rang(long when) {
        set &= due != when;
    }
}
