package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import org.jspecify.annotations.Nullable;

/**
 * A request's place in a queue. Belongs to the {@link WaitingList} that gave it, and is used as
 * that is: by one thread at a time.
 */
final class Waiting {
    private final Batch.Item item;
    private final long number;

    /** Until when it may wait, if it {@link #expires}. */
    private long expiry;

    private boolean expires;
    boolean queued = true;
    @Nullable Waiting before;
    @Nullable Waiting after;

    /**
     * @param number increases with each place
     */
    Waiting(Batch.Item item, long number) {
        this.item = item;
        this.number = number;
    }

    Batch.Item item() {
        return item;
    }

    /** Limits the wait. */
    void setExpiry(long nanos) {
        expires = true;
        expiry = nanos;
    }

    boolean expires() {
        return expires;
    }

    long expiry() {
        return expiry;
    }

    /** Order of expiry, then of arrival. Points in time are compared by their difference. */
    static int byExpiry(Waiting one, Waiting other) {
        int order = Long.signum(one.expiry - other.expiry);
        return order != 0 ? order : Long.compare(one.number, other.number);
    }
}
