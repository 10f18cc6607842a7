package io.nereid.backend.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/** The places of requests whose wait is limited, by their ends. Used by one thread at a time. */
final class Expiries {
    private final NavigableSet<Waiting> soonestFirst = new TreeSet<>(Waiting::byExpiry);

    void add(Waiting place) {
        soonestFirst.add(place);
    }

    void remove(Waiting place) {
        if (place.expires()) {
            soonestFirst.remove(place);
        }
    }

    /** Takes those out whose end has come. */
    List<Waiting> takeUntil(long nowNanos) {
        List<Waiting> over = new ArrayList<>();
        while (!soonestFirst.isEmpty() && soonestFirst.first().expiry() - nowNanos <= 0) {
            over.add(soonestFirst.removeFirst());
        }
        return over;
    }

    /** Time to the next end; {@link PendingRequests#FOREVER} without one. */
    long nanosToNext(long nowNanos) {
        return soonestFirst.isEmpty()
                ? PendingRequests.FOREVER
                : Math.max(0, soonestFirst.first().expiry() - nowNanos);
    }
}
