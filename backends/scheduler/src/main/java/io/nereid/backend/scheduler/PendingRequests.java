package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchClose;
import io.nereid.backend.FailureReason;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;

/**
 * Requests that wait, and the decision which of them go next. Driven by hand: it has no thread and
 * no clock. Used by one thread at a time.
 */
interface PendingRequests {
    /** Longest wait that means "until something changes". */
    long FOREVER = Long.MAX_VALUE;

    /** Requests that wait. */
    int size();

    /** Whether this request may wait as well. */
    boolean hasRoom(InferenceRequest request);

    /**
     * Adds a request behind those that are as urgent.
     *
     * @return its place, for {@link #remove}
     */
    Waiting add(Batch.Item item);

    /** Takes a request out; false if it has left before. */
    boolean remove(Waiting place);

    /**
     * Takes those requests out that have waited for longer than they may. Others may have to give
     * way for the same reason: what {@link #next} decides may be different afterwards.
     */
    List<Dropped> takeExpired(long nowNanos);

    /** Time until {@link #takeExpired} has something to do; {@link #FOREVER} if it never has. */
    long nanosToExpiry(long nowNanos);

    /**
     * Decides what an idle instance does at {@code nowNanos}.
     *
     * @param draining whether to hand out everything without waiting for better batches
     */
    Decision next(long nowNanos, boolean draining);

    /**
     * Time until {@link #next} would hand something out, as things are; 0 if it would at {@code
     * nowNanos}, {@link #FOREVER} if nothing waits. Changes nothing.
     */
    long nanosToBatch(long nowNanos, boolean draining);

    /**
     * What an idle instance does: execute a batch, or wait if there is none.
     *
     * @param batch requests to execute together; empty if it is better to wait
     * @param close why no more requests are in the batch
     * @param dropped requests that left the queue unexecuted
     * @param waitNanos longest time to wait if the batch is empty
     */
    record Decision(
            List<Batch.Item> batch, BatchClose close, List<Dropped> dropped, long waitNanos) {
        /** To execute a batch now. */
        static Decision execute(List<Batch.Item> batch, BatchClose close, List<Dropped> dropped) {
            return new Decision(batch, close, dropped, 0);
        }

        /** To wait. */
        static Decision await(long nanos, List<Dropped> dropped) {
            return new Decision(List.of(), BatchClose.IDLE, dropped, nanos);
        }
    }

    /**
     * A request that left the queue unexecuted; to be closed and failed.
     *
     * @param item the request
     * @param reason why it failed
     * @param status what its client is told
     */
    record Dropped(Batch.Item item, FailureReason reason, StatusException status) {
        /** A request whose client went away, or gave it no more time. */
        static Dropped cancelled(Batch.Item item) {
            StatusException reason =
                    item.request()
                            .cancellation()
                            .orElseGet(() -> new StatusException(StatusCode.CANCELLED, ""));
            return new Dropped(item, FailureReason.ofCancellation(reason), reason);
        }

        /** A request that has waited for longer than its queue allows. */
        static Dropped expired(Batch.Item item) {
            return new Dropped(
                    item,
                    FailureReason.REJECTED,
                    new StatusException(StatusCode.UNAVAILABLE, "Request timeout expired"));
        }
    }
}
