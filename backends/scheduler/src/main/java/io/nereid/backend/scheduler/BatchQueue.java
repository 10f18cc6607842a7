package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.protocol.InferenceRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
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
    private final BatchPolicy policy;
    private final BatchRule rule;
    private final Deque<Batch.Item> waiting = new ArrayDeque<>();

    BatchQueue(BatchPolicy policy, BatchRule rule) {
        this.policy = policy;
        this.rule = rule;
    }

    @Override
    public boolean hasRoom() {
        return waiting.size() < policy.capacity();
    }

    @Override
    public void add(Batch.Item item) {
        waiting.add(item);
    }

    @Override
    public Decision next(long nowNanos, boolean draining) {
        List<Dropped> dropped = new ArrayList<>();
        Candidate candidate = form(nowNanos, dropped);
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
        long wait = Math.min(policy.delayNanos() - age, candidate.nanosToTimeout);
        return new Decision(List.of(), dropped, wait);
    }

    /** Looks at waiting requests from the oldest on until no more can join the batch. */
    private Candidate form(long nowNanos, List<Dropped> dropped) {
        Candidate candidate = new Candidate();
        Iterator<Batch.Item> each = waiting.iterator();
        while (!candidate.full && each.hasNext()) {
            Batch.Item item = each.next();
            long nanosToTimeout = nanosToTimeout(item.request(), nowNanos);
            if (item.request().isCancelled()) {
                dropped.add(Dropped.cancelled(item));
                each.remove();
            } else if (nanosToTimeout <= 0) {
                dropped.add(Dropped.expired(item));
                each.remove();
            } else {
                candidate.consider(item.request(), nanosToTimeout);
            }
        }
        return candidate;
    }

    private long nanosToTimeout(InferenceRequest request, long nowNanos) {
        long timeout = policy.timeoutNanosFor(request.timeoutMicros());
        return timeout == 0 ? FOREVER : timeout - (nowNanos - request.arrivalNanos());
    }

    private List<Batch.Item> remove(int requests) {
        List<Batch.Item> batch = new ArrayList<>(requests);
        for (int i = 0; i < requests; i++) {
            batch.add(waiting.removeFirst());
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
        private long nanosToTimeout = FOREVER;

        void consider(InferenceRequest request, long requestNanosToTimeout) {
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
            nanosToTimeout = Math.min(nanosToTimeout, requestNanosToTimeout);
            if (policy.preferred().contains(size)) {
                markedRequests = requests;
            }
        }
    }
}
