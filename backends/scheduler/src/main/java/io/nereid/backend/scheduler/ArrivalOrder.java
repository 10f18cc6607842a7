package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** The default scheduler's queue: each request by itself, in order of arrival (section 3). */
final class ArrivalOrder implements PendingRequests {
    private final int capacity;
    private final Queue<Batch.Item> waiting = new ArrayDeque<>();

    ArrivalOrder(int capacity) {
        this.capacity = capacity;
    }

    @Override
    public boolean hasRoom() {
        return waiting.size() < capacity;
    }

    @Override
    public void add(Batch.Item item) {
        waiting.add(item);
    }

    @Override
    public Decision next(long nowNanos, boolean draining) {
        List<Dropped> dropped = new ArrayList<>();
        for (Batch.Item item = waiting.poll(); item != null; item = waiting.poll()) {
            if (!item.request().isCancelled()) {
                return new Decision(List.of(item), dropped, 0);
            }
            dropped.add(Dropped.cancelled(item));
        }
        return new Decision(List.of(), dropped, FOREVER);
    }
}
