package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchClose;
import io.nereid.protocol.InferenceRequest;
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
    public boolean hasRoom(InferenceRequest request) {
        return waiting.size() < capacity;
    }

    @Override
    public Waiting add(Batch.Item item) {
        Waiting place = new Waiting(item, 0, 0);
        waiting.add(place);
        return place;
    }

    @Override
    public boolean remove(Waiting place) {
        return WaitingList.remove(place);
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
    public long nanosToBatch(long nowNanos, boolean draining) {
        return size() == 0 ? FOREVER : 0;
    }

    @Override
    public Decision next(long nowNanos, boolean draining) {
        List<Dropped> dropped = new ArrayList<>();
        for (Waiting place : waiting) {
            WaitingList.remove(place);
            if (!place.item().request().isCancelled()) {
                return Decision.execute(List.of(place.item()), BatchClose.IDLE, dropped);
            }
            dropped.add(Dropped.cancelled(place.item()));
        }
        return Decision.await(FOREVER, dropped);
    }
}
