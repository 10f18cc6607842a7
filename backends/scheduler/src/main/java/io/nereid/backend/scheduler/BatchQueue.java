package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchClose;
import io.nereid.protocol.InferenceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
    private final PriorityLevels waiting = new PriorityLevels();
    private final Expiries expiries = new Expiries();
    private long places;

    BatchQueue(BatchPolicy policy, BatchRule rule) {
        this.policy = policy;
        this.rule = rule;
    }

    @Override
    public int size() {
        return waiting.size();
    }

    @Override
    public boolean hasRoom(InferenceRequest request) {
        long level = policy.levelOf(request.priority());
        long limit = policy.queue(level).maxSize();
        return waiting.size() < policy.capacity() && (limit == 0 || waiting.size(level) < limit);
    }

    @Override
    public Waiting add(Batch.Item item) {
        InferenceRequest request = item.request();
        Waiting place = new Waiting(item, policy.levelOf(request.priority()), places++);
        waiting.add(place);
        long timeout = policy.queue(place.level()).timeoutNanosFor(request.timeoutMicros());
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
        List<Dropped> rejected = new ArrayList<>();
        for (Waiting place : expiries.takeUntil(nowNanos)) {
            if (policy.queue(place.level()).delays()) {
                waiting.delay(place);
            } else {
                waiting.remove(place);
                rejected.add(Dropped.expired(place.item()));
            }
        }
        return rejected;
    }

    @Override
    public long nanosToExpiry(long nowNanos) {
        return expiries.nanosToNext(nowNanos);
    }

    @Override
    public Decision next(long nowNanos, boolean draining) {
        List<Dropped> dropped = new ArrayList<>(takeExpired(nowNanos));
        Candidate candidate =
                form(place -> {
                    // Cancelled this moment; who does it will find that it has left.
                    remove(place);
                    dropped.add(Dropped.cancelled(place.item()));
                });
        Cut cut = candidate.cut(nowNanos, draining);
        return cut.requests() == 0
                ? Decision.await(cut.waitNanos(), dropped)
                : Decision.execute(remove(cut.requests()), cut.close(), dropped);
    }

    @Override
    public long nanosToBatch(long nowNanos, boolean draining) {
        boolean expired = nanosToExpiry(nowNanos) <= 0;
        return expired ? 0 : form(_ -> {}).cut(nowNanos, draining).waitNanos();
    }

    /** Looks at waiting requests from the oldest on until no more can join the batch. */
    private Candidate form(Consumer<Waiting> cancelled) {
        Candidate candidate = new Candidate();
        for (Waiting place : waiting) {
            if (place.item().request().isCancelled()) {
                cancelled.accept(place);
                continue;
            }
            candidate.consider(place.item().request());
            if (candidate.end.isPresent()) {
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

    /**
     * How much of a candidate goes.
     *
     * @param requests number of its first requests; 0 if it is better to wait
     * @param close why not more
     * @param waitNanos longest time to wait, 0 if some go now
     */
    private record Cut(int requests, BatchClose close, long waitNanos) {
        static Cut now(int requests, BatchClose close) {
            return new Cut(requests, close, 0);
        }

        static Cut later(long nanos) {
            return new Cut(0, BatchClose.IDLE, nanos);
        }
    }

    /** The batch being formed: the first of those that wait, and the best place to cut it. */
    private final class Candidate {
        private @Nullable InferenceRequest first;
        private int requests;
        private int size;
        private int markedRequests;
        private int markedSize;

        /** Why no further request can join. */
        private Optional<BatchClose> end = Optional.empty();

        private long oldestArrival;

        void consider(InferenceRequest request) {
            int rows = Math.max(1, request.batchSize());
            if (first == null) {
                first = request;
                oldestArrival = request.arrivalNanos();
            } else {
                if (size + rows > policy.largestPreferred() && markedRequests == 0) {
                    mark();
                }
                if (size + rows > policy.largest()) {
                    end = Optional.of(BatchClose.FULL);
                    return;
                }
                if (!rule.allows(first, request)) {
                    end = Optional.of(BatchClose.SHAPE);
                    return;
                }
            }
            requests++;
            size += rows;
            // Urgent ones come first: the oldest may be any of them.
            if (request.arrivalNanos() - oldestArrival < 0) {
                oldestArrival = request.arrivalNanos();
            }
            if (policy.preferred().contains(size)) {
                mark();
            }
        }

        private void mark() {
            markedRequests = requests;
            markedSize = size;
        }

        /** Where it is cut at {@code nowNanos}. */
        Cut cut(long nowNanos, boolean draining) {
            if (requests == 0) {
                return Cut.later(FOREVER);
            }
            long age = nowNanos - oldestArrival;
            boolean late = policy.delayNanos() > 0 && age >= policy.delayNanos();
            if (markedRequests > 0 && !late) {
                return Cut.now(markedRequests, markedClose());
            }
            if (end.isPresent()) {
                return Cut.now(requests, end.get());
            }
            if (size >= policy.largest()) {
                return Cut.now(requests, BatchClose.FULL);
            }
            if (late) {
                return Cut.now(requests, BatchClose.DELAY);
            }
            if (size >= policy.largestPreferred()) {
                return Cut.now(requests, BatchClose.PREFERRED_SIZE);
            }
            if (policy.delayNanos() == 0 || draining) {
                return Cut.now(requests, BatchClose.IDLE);
            }
            return Cut.later(policy.delayNanos() - age);
        }

        /** Why it is cut at the mark. */
        BatchClose markedClose() {
            if (markedSize >= policy.largest()) {
                return BatchClose.FULL;
            }
            return policy.preferred().contains(markedSize)
                    ? BatchClose.PREFERRED_SIZE
                    : end.orElse(BatchClose.PREFERRED_SIZE);
        }
    }
}
