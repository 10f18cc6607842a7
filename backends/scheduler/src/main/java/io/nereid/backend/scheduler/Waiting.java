package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import org.jspecify.annotations.Nullable;

/**
 * A request's place in a queue. Belongs to the {@link WaitingList} that it stands in, and is used
 * as that is: by one thread at a time.
 */
final class Waiting {
    private final Batch.Item item;
    private final long level;
    private final long number;

    /** Until when it may wait, if it {@link #expires}. */
    private long expiry;

    private boolean expires;

    /** Where it stands; none once it has left. */
    @Nullable WaitingList list;

    @Nullable Waiting before;
    @Nullable Waiting after;

    /**
     * @param level its priority level, 0 where there are none
     * @param number increases with each place of a queue
     */
    Waiting(Batch.Item item, long level, long number) {
        this.item = item;
        this.level = level;
        this.number = number;
    }

    Batch.Item item() {
        return item;
    }

    long level() {
        return level;
    }

    /** Whether it stands in a list. */
    boolean isQueued() {
        return list != null;
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
