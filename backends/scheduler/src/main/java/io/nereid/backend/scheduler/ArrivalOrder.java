package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import java.util.ArrayList;
import java.util.List;

/** The default scheduler's queue: each request by itself, in order of arrival (section 3). */
final class ArrivalOrder implements PendingRequests {
    private final int capacity;
    private final WaitingList waiting = new WaitingList();

    ArrivalOrder(int capacity) {
        this.capacity = capacity;
    }

    @Override
    public int size() {
        return waiting.size();
    }

    @Override
    public boolean hasRoom() {
        return waiting.size() < capacity;
    }

    @Override
    public Waiting add(Batch.Item item) {
        return waiting.add(item);
    }

    @Override
    public boolean remove(Waiting place) {
        return waiting.remove(place);
    }

    @Override
    public List<Dropped> takeExpired(long nowNanos) {
        return List.of();
    }

    @Override
    public long nanosToExpiry(long nowNanos) {
        return FOREVER;
    }

    @Override
    public Decision next(long nowNanos, boolean draining) {
        List<Dropped> dropped = new ArrayList<>();
        for (Waiting place : waiting) {
            waiting.remove(place);
            if (!place.item().request().isCancelled()) {
                return new Decision(List.of(place.item()), dropped, 0);
            }
            dropped.add(Dropped.cancelled(place.item()));
        }
        return new Decision(List.of(), dropped, FOREVER);
    }
}
