package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.protocol.InferenceRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The dynamic batcher's decisions (schedulers section 4).
 *
 * <p>The reference fills a payload ahead of time and lets it grow until an instance starts it. Here
 * the requests of such a payload simply stay in this queue until an instance is free, which gives
 * the same batches without the bookkeeping: nothing is fixed before it must be.
 */
final class BatchQueue implements PendingRequests {
    /** Limits beyond a human life are none, and would not fit into a clock. */
    private static final long LONGEST_TIMEOUT = FOREVER / 2;

    private final BatchPolicy policy;
    private final BatchRule rule;
    private final WaitingList waiting = new WaitingList();
    private final Expiries expiries = new Expiries();

    BatchQueue(BatchPolicy policy, BatchRule rule) {
        this.policy = policy;
        this.rule = rule;
    }

    @Override
    public int size() {
        return waiting.size();
    }

    @Override
    public boolean hasRoom() {
        return waiting.size() < policy.capacity();
    }

    @Override
    public Waiting add(Batch.Item item) {
        Waiting place = waiting.add(item);
        InferenceRequest request = item.request();
        long timeout = policy.timeoutNanosFor(request.timeoutMicros());
        if (timeout > 0 && timeout <= LONGEST_TIMEOUT) {
            place.setExpiry(request.arrivalNanos() + timeout);
            expiries.add(place);
        }
        return place;
    }

    @Override
    public boolean remove(Waiting place) {
        expiries.remove(place);
        return waiting.remove(place);
    }

    @Override
    public List<Dropped> takeExpired(long nowNanos) {
        List<Waiting> expired = expiries.takeUntil(nowNanos);
        expired.forEach(waiting::remove);
        return expired.stream().map(place -> Dropped.expired(place.item())).toList();
    }

    @Override
    public long nanosToExpiry(long nowNanos) {
        return expiries.nanosToNext(nowNanos);
    }

    @Override
    public Decision next(long nowNanos, boolean draining) {
        List<Dropped> dropped = new ArrayList<>(takeExpired(nowNanos));
        Candidate candidate = form(dropped);
        if (candidate.requests == 0) {
            return new Decision(List.of(), dropped, FOREVER);
        }
        long age = nowNanos - candidate.oldestArrival;
        boolean late = policy.delayNanos() == 0 || age >= policy.delayNanos();
        boolean overdue = policy.delayNanos() > 0 && late;
        if (candidate.markedRequests > 0 && !overdue) {
            return new Decision(remove(candidate.markedRequests), dropped, 0);
        }
        if (candidate.full || candidate.size >= policy.largestPreferred() || late || draining) {
            return new Decision(remove(candidate.requests), dropped, 0);
        }
        return new Decision(List.of(), dropped, policy.delayNanos() - age);
    }

    /** Looks at waiting requests from the oldest on until no more can join the batch. */
    private Candidate form(List<Dropped> dropped) {
        Candidate candidate = new Candidate();
        for (Waiting place : waiting) {
            if (place.item().request().isCancelled()) {
                // Cancelled this moment; who does it will find that it has left.
                remove(place);
                dropped.add(Dropped.cancelled(place.item()));
                continue;
            }
            candidate.consider(place.item().request());
            if (candidate.full) {
                break;
            }
        }
        return candidate;
    }

    private List<Batch.Item> remove(int requests) {
        List<Batch.Item> batch = new ArrayList<>(requests);
        for (Waiting place : waiting) {
            if (batch.size() == requests) {
                break;
            }
            remove(place);
            batch.add(place.item());
        }
        return batch;
    }

    /** The batch being formed: a prefix of the queue, and the best place to cut it. */
    private final class Candidate {
        private @Nullable InferenceRequest first;
        private int requests;
        private int size;
        private int markedRequests;
        private boolean full;
        private long oldestArrival;

        void consider(InferenceRequest request) {
            int rows = Math.max(1, request.batchSize());
            if (first == null) {
                first = request;
                oldestArrival = request.arrivalNanos();
            } else {
                if (size + rows > policy.largestPreferred() && markedRequests == 0) {
                    markedRequests = requests;
                }
                if (size + rows > policy.largest() || !rule.allows(first, request)) {
                    full = true;
                    return;
                }
            }
            requests++;
            size += rows;
            if (policy.preferred().contains(size)) {
                markedRequests = requests;
            }
        }
    }
}
