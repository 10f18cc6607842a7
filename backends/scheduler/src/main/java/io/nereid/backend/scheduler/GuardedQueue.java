package io.nereid.backend.scheduler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.Batch;
import io.nereid.backend.ExecutionListener;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Gives {@link PendingRequests} their threads: event loops put requests in, instance threads take
 * batches out and do the waiting.
 *
 * <p>Of the idle threads only one, the timekeeper, waits for a point in time; the others wait for a
 * signal, so that a delay that runs out wakes one thread and not all. Refusals are sent without the
 * lock.
 */
final class GuardedQueue implements BatchSource {
    private static final String FULL = "Exceeds maximum queue size";
    private static final String STOPPING =
            "Server is stopping, scheduler for model has stopped accepting new inference requests";

    private final UnaryOperator<ResponseSender> admission;
    private final ExecutionListener listener;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final PendingRequests pending;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private @Nullable Thread timekeeper;

    @GuardedBy("lock")
    private long timekeeperDue;

    /**
     * @param admission gives an accepted request its sender; called in order of acceptance, under
     *     the lock, so it must not call out
     * @param listener told of accepted requests that fail in the queue
     */
    GuardedQueue(
            PendingRequests pending,
            UnaryOperator<ResponseSender> admission,
            ExecutionListener listener,
            LongSupplier nanoTime) {
        this.pending = pending;
        this.admission = admission;
        this.listener = listener;
        this.nanoTime = nanoTime;
    }

    /** Takes a request in, or refuses it. Never blocks on anything but this queue's lock. */
    void put(@Owned InferenceRequest request, ResponseSender sender) {
        String refusal = tryPut(request, sender);
        if (!refusal.isEmpty()) {
            String text = request.idPrefix() + refusal;
            request.close();
            sender.fail(new StatusException(StatusCode.UNAVAILABLE, text));
        }
    }

    /** Why there is no place for the request; empty if it was taken in. */
    private String tryPut(InferenceRequest request, ResponseSender sender) {
        lock.lock();
        try {
            if (closed) {
                return STOPPING;
            }
            if (!pending.hasRoom()) {
                return FULL;
            }
            request.enqueued(nanoTime.getAsLong());
            pending.add(new Batch.Item(request, admission.apply(sender)));
            changed.signal();
            return "";
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Batch.Item> take() {
        while (true) {
            Optional<PendingRequests.Decision> decision = awaitDecision();
            if (decision.isEmpty()) {
                return List.of();
            }
            decision.get().dropped().forEach(this::drop);
            if (!decision.get().batch().isEmpty()) {
                return decision.get().batch();
            }
        }
    }

    /** Refuses new requests and ends {@link #take} once nothing waits any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A decision that gives the caller something to do; none at the end. */
    private Optional<PendingRequests.Decision> awaitDecision() {
        lock.lock();
        try {
            while (true) {
                long now = nanoTime.getAsLong();
                PendingRequests.Decision decision = pending.next(now, closed);
                if (!decision.batch().isEmpty()) {
                    // What is left behind needs another idle thread, to execute it or to watch it.
                    changed.signal();
                }
                if (!decision.batch().isEmpty() || !decision.dropped().isEmpty()) {
                    return Optional.of(decision);
                }
                if (closed) {
                    return Optional.empty();
                }
                if (becomesTimekeeper(now, decision.waitNanos())) {
                    awaitNanos(decision.waitNanos());
                    resignAsTimekeeper();
                } else {
                    changed.awaitUninterruptibly();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean becomesTimekeeper(long now, long waitNanos) {
        if (waitNanos == PendingRequests.FOREVER
                || (timekeeper != null && timekeeperDue - now <= waitNanos)) {
            return false;
        }
        timekeeper = Thread.currentThread();
        timekeeperDue = now + waitNanos;
        return true;
    }

    @GuardedBy("lock")
    private void resignAsTimekeeper() {
        if (Thread.currentThread().equals(timekeeper)) {
            timekeeper = null;
        }
    }

    @GuardedBy("lock")
    @SuppressWarnings("WaitNotInLoop") // the caller's loop looks again after every wake-up
    private void awaitNanos(long nanos) {
        try {
            long _ = changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            // Nobody stops an instance's thread this way: like any other wake-up.
        }
    }

    private void drop(PendingRequests.Dropped dropped) {
        InferenceRequest request = dropped.item().request();
        listener.failed(dropped.reason(), nanoTime.getAsLong() - request.arrivalNanos());
        request.close();
        dropped.item().sender().fail(dropped.status());
    }
}
