package io.nereid.backend.scheduler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.Batch;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Gives {@link PendingRequests} their threads: event loops put requests in, instance threads take
 * batches out and do the waiting. A request that is cancelled leaves on the thread that cancels it,
 * one that has waited for too long on the timer's, busy though the instances may be.
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
    private final SchedulerContext context;
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

    /** The last of the threads that will wake an idle one and have not done so yet. */
    @GuardedBy("lock")
    private @Nullable Thread waker;

    @GuardedBy("lock")
    private final Alarm alarm = new Alarm();

    /**
     * @param admission gives an accepted request its sender; called in order of acceptance, under
     *     the lock, so it must not call out
     */
    GuardedQueue(
            PendingRequests pending,
            UnaryOperator<ResponseSender> admission,
            SchedulerContext context) {
        this.pending = pending;
        this.admission = admission;
        this.context = context;
    }

    /** Takes a request in, or refuses it. Never blocks on anything but this queue's lock. */
    void put(@Owned InferenceRequest request, ResponseSender sender) {
        switch (enter(request, sender)) {
            case Entry.Refused(String reason) -> {
                String text = request.idPrefix() + reason;
                request.close();
                sender.fail(
                        reason.equals(FULL)
                                ? StatusException.overloaded(text)
                                : new StatusException(StatusCode.UNAVAILABLE, text));
            }
            case Entry.Accepted(Waiting place, Optional<Alarm.Wanted> wanted, boolean wakes) -> {
                if (wakes) {
                    context.wakeUps().execute(this::wakeUp);
                }
                wanted.ifPresent(this::set);
                request.onCancel(() -> cancel(place));
            }
        }
    }

    /** Requests that wait now. */
    long size() {
        lock.lock();
        try {
            return pending.size();
        } finally {
            lock.unlock();
        }
    }

    private Entry enter(InferenceRequest request, ResponseSender sender) {
        lock.lock();
        try {
            if (closed) {
                return new Entry.Refused(STOPPING);
            }
            if (!pending.hasRoom(request)) {
                return new Entry.Refused(FULL);
            }
            long now = now();
            request.enqueued(now);
            Waiting place = pending.add(new Batch.Item(request, admission.apply(sender)));
            return new Entry.Accepted(place, newAlarm(now), isToWake());
        } finally {
            lock.unlock();
        }
    }

    /** Whether the calling thread is to wake an idle one, and has not set out to do so yet. */
    @GuardedBy("lock")
    private boolean isToWake() {
        if (Thread.currentThread().equals(waker) || !lock.hasWaiters(changed)) {
            return false;
        }
        waker = Thread.currentThread();
        return true;
    }

    /** Whether a request found a place. */
    private sealed interface Entry {
        record Refused(String reason) implements Entry {}

        /** What is to be done for it without the lock. */
        record Accepted(Waiting place, Optional<Alarm.Wanted> alarm, boolean wakes)
                implements Entry {}
    }

    /** Wakes an idle thread for all that has come; if it leaves some behind, it wakes another. */
    private void wakeUp() {
        lock.lock();
        try {
            waker = null;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Runs on the thread that cancels; does nothing if the request has left. */
    private void cancel(Waiting place) {
        boolean left;
        lock.lock();
        try {
            left = pending.remove(place);
            if (left) {
                // What is left may fit together now.
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        if (left) {
            drop(PendingRequests.Dropped.cancelled(place.item()));
        }
    }

    /** Runs on the timer's thread. */
    private void dropExpired(long due) {
        List<PendingRequests.Dropped> expired;
        Optional<Alarm.Wanted> next;
        lock.lock();
        try {
            long now = now();
            expired = pending.takeExpired(now);
            // What is left may fit together now, in another order than before.
            changed.signal();
            alarm.rang(due);
            next = newAlarm(now);
        } finally {
            lock.unlock();
        }
        next.ifPresent(this::set);
        expired.forEach(this::drop);
    }

    /** What to ask of the timer so that it looks in time; to be set without the lock. */
    @GuardedBy("lock")
    private Optional<Alarm.Wanted> newAlarm(long now) {
        return alarm.want(pending.nanosToExpiry(now), now);
    }

    private void set(Alarm.Wanted wanted) {
        context.timer().schedule(wanted.nanos(), () -> dropExpired(wanted.due()));
    }

    private long now() {
        return context.nanoTime().getAsLong();
    }

    @Override
    public Work take(BooleanSupplier retired) {
        while (true) {
            Optional<PendingRequests.Decision> decision = awaitDecision(retired);
            if (decision.isEmpty()) {
                return Work.NONE;
            }
            decision.get().dropped().forEach(this::drop);
            if (!decision.get().batch().isEmpty()) {
                return new Work(decision.get().batch(), decision.get().close());
            }
        }
    }

    @Override
    public boolean awaitWork(BooleanSupplier retired) {
        lock.lock();
        try {
            while (!retired.getAsBoolean()) {
                long now = now();
                long waitNanos = pending.nanosToBatch(now, closed);
                if (waitNanos <= 0) {
                    return true;
                }
                if (closed) {
                    return false;
                }
                awaitChange(now, waitNanos);
            }
            // The signal that woke it may have been meant for one that goes on.
            changed.signal();
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean hasWork() {
        lock.lock();
        try {
            return pending.nanosToBatch(now(), closed) <= 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Work poll() {
        PendingRequests.Decision decision;
        lock.lock();
        try {
            decision = next(now());
        } finally {
            lock.unlock();
        }
        decision.dropped().forEach(this::drop);
        return new Work(decision.batch(), decision.close());
    }

    @Override
    public void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
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
    private Optional<PendingRequests.Decision> awaitDecision(BooleanSupplier retired) {
        lock.lock();
        try {
            while (true) {
                if (retired.getAsBoolean()) {
                    // The signal that woke it may have been meant for one that goes on.
                    changed.signal();
                    return Optional.empty();
                }
                long now = now();
                PendingRequests.Decision decision = next(now);
                if (!decision.batch().isEmpty() || !decision.dropped().isEmpty()) {
                    return Optional.of(decision);
                }
                if (closed) {
                    return Optional.empty();
                }
                awaitChange(now, decision.waitNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private PendingRequests.Decision next(long now) {
        PendingRequests.Decision decision = pending.next(now, closed);
        if (!decision.batch().isEmpty() && pending.size() > 0) {
            // What is left behind needs another idle thread, to execute it or to watch it.
            changed.signal();
        }
        return decision;
    }

    @GuardedBy("lock")
    @SuppressWarnings("WaitNotInLoop") // the caller's loop looks again after every wake-up
    private void awaitChange(long now, long waitNanos) {
        if (becomesTimekeeper(now, waitNanos)) {
            awaitNanos(waitNanos);
            resignAsTimekeeper();
        } else {
            changed.awaitUninterruptibly();
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
        context.listener().failed(dropped.reason(), now() - request.arrivalNanos());
        request.close();
        dropped.item().sender().fail(dropped.status());
    }
}
