package io.nereid.backend.scheduler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.Batch;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Gives {@link PendingRequests} their threads: event loops put requests in, instance threads take
 * batches out and do the waiting. A request that is cancelled leaves on the thread that cancels it,
 * one that has waited for too long on the timer's, busy though the instances may be.
 *
 * <p>Each instance has a {@link #seat()}. Of the idle ones only one, the timekeeper, waits for a
 * point in time; the others wait for a signal, so that a delay that runs out wakes one thread and
 * not all. An idle instance whose executions are quick may be lent to the thread that brings
 * requests, which then executes them itself (decision 0003); its own thread waits meanwhile.
 * Refusals are sent, and batches executed, without the lock.
 */
final class GuardedQueue {
    private static final String FULL = "Exceeds maximum queue size";
    private static final String STOPPING =
            "Server is stopping, scheduler for model has stopped accepting new inference requests";

    private final UnaryOperator<ResponseSender> admission;
    private final SchedulerContext context;
    private final ReentrantLock lock = new ReentrantLock();

    /** Those who wait for something to do and have not been called; the last sat down last. */
    @GuardedBy("lock")
    private final Deque<Seat> idle = new ArrayDeque<>();

    @GuardedBy("lock")
    private final PendingRequests pending;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private @Nullable Seat timekeeper;

    @GuardedBy("lock")
    private long timekeeperDue;

    /** The last of the threads that will call an idle instance and have not done so yet. */
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

    /** Where one more instance gets its work. */
    BatchSource seat() {
        return new Seat();
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
                    context.turns().atEnd(this::callInstance);
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

    /** Whether the calling thread is to call an idle instance, and will not do so anyway. */
    @GuardedBy("lock")
    private boolean isToWake() {
        if (Thread.currentThread().equals(waker) || idle.isEmpty()) {
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

    /**
     * Calls an idle instance for all that has come; if it leaves some behind, it calls another.
     *
     * @param spareNanos for how long this thread may execute itself
     */
    private void callInstance(long spareNanos) {
        Seat lent;
        lock.lock();
        try {
            waker = null;
            lent = idle.peekLast();
            if (lent == null || !lent.taker.isQuick() || expectedNanos(lent) > spareNanos) {
                callOne();
                return;
            }
            idle.removeLast();
            lent.lent = true;
        } finally {
            lock.unlock();
        }
        lent.executeHere(spareNanos);
    }

    /** How long an instance alone would take for all that waits. */
    @GuardedBy("lock")
    private long expectedNanos(Seat seat) {
        return Math.max(1, pending.size() * seat.taker.meanNanos());
    }

    /** Has an idle instance's thread look what there is to do. */
    @GuardedBy("lock")
    private void callOne() {
        Seat next = idle.pollLast();
        if (next != null) {
            next.changed.signal();
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
                callOne();
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
            callOne();
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

    /** Refuses new requests and ends {@link BatchSource#take} once nothing waits any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            while (!idle.isEmpty()) {
                callOne();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What an instance's own thread does next. */
    @GuardedBy("lock")
    private PendingRequests.Decision next(long now) {
        PendingRequests.Decision decision = pending.next(now, closed);
        if (!decision.batch().isEmpty() && pending.size() > 0) {
            // What is left behind needs another idle thread, to execute it or to watch it.
            callOne();
        }
        return decision;
    }

    /** Whether somebody will look in time what there is to do in {@code waitNanos} from now. */
    @GuardedBy("lock")
    private boolean isWatched(long now, long waitNanos) {
        return waitNanos == PendingRequests.FOREVER
                || (timekeeper != null && timekeeperDue - now <= waitNanos);
    }

    /** One instance's place at this queue. Fields are guarded by the queue's lock. */
    private final class Seat implements BatchSource {
        private final Condition changed = lock.newCondition();

        /** Who sat here last; looked at while it is idle. */
        private Taker taker = Taker.ALONE;

        /** Whether another thread executes for the one that sits here. */
        private boolean lent;

        /** What its own thread is to execute though another one took it. */
        private Work assigned = Work.NONE;

        @Override
        public Work take(Taker taker) {
            while (true) {
                Work found;
                List<PendingRequests.Dropped> dropped;
                lock.lock();
                try {
                    PendingRequests.Decision decision = awaitDecision(taker);
                    found = new Work(decision.batch(), decision.close());
                    dropped = decision.dropped();
                } finally {
                    lock.unlock();
                }
                dropped.forEach(GuardedQueue.this::drop);
                if (dropped.isEmpty() || !found.items().isEmpty()) {
                    return found;
                }
            }
        }

        /** A decision that gives the caller something to do; one without anything at the end. */
        @GuardedBy("lock")
        private PendingRequests.Decision awaitDecision(Taker asking) {
            while (true) {
                if (!assigned.items().isEmpty()) {
                    Work own = assigned;
                    assigned = Work.NONE;
                    return PendingRequests.Decision.execute(own.items(), own.close(), List.of());
                }
                if (asking.isRetired()) {
                    // The signal that woke it may have been meant for one that goes on.
                    callOne();
                    return PendingRequests.Decision.await(0, List.of());
                }
                long now = now();
                PendingRequests.Decision decision = next(now);
                if (closed || !decision.batch().isEmpty() || !decision.dropped().isEmpty()) {
                    return decision;
                }
                awaitChange(asking, now, decision.waitNanos());
            }
        }

        @Override
        public boolean awaitWork(Taker taker) {
            lock.lock();
            try {
                while (!taker.isRetired()) {
                    long now = now();
                    long waitNanos = pending.nanosToBatch(now, closed);
                    if (waitNanos <= 0) {
                        return true;
                    }
                    if (closed) {
                        return false;
                    }
                    awaitChange(Taker.ALONE, now, waitNanos);
                }
                // The signal that woke it may have been meant for one that goes on.
                callOne();
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
            decision.dropped().forEach(GuardedQueue.this::drop);
            return new Work(decision.batch(), decision.close());
        }

        @Override
        public void wake() {
            lock.lock();
            try {
                idle.remove(this);
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        @GuardedBy("lock")
        @SuppressWarnings("WaitNotInLoop") // the caller's loop looks again after every wake-up
        private void awaitChange(Taker waiting, long now, long waitNanos) {
            taker = waiting;
            idle.addLast(this);
            if (isWatched(now, waitNanos)) {
                changed.awaitUninterruptibly();
            } else {
                timekeeper = this;
                timekeeperDue = now + waitNanos;
                awaitNanos(waitNanos);
                if (equals(timekeeper)) {
                    timekeeper = null;
                }
                if (lent && pending.size() > 0) {
                    // Its time has come while another thread executes: others look.
                    callOne();
                }
            }
            while (lent) {
                changed.awaitUninterruptibly();
            }
            idle.remove(this);
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

        /** Executes what waits on the calling thread; what it has no time for, others do. */
        private void executeHere(long spareNanos) {
            long end = now() + spareNanos;
            try {
                boolean more = true;
                while (more) {
                    more = executeNext() && now() - end < 0;
                }
            } finally {
                giveBack();
            }
        }

        /** Whether there may be more to do here. */
        private boolean executeNext() {
            PendingRequests.Decision decision;
            Work work;
            boolean quick;
            lock.lock();
            try {
                if (taker.isRetired()) {
                    return false;
                }
                decision = pending.next(now(), closed);
                work = new Work(decision.batch(), decision.close());
                quick = taker.isQuick(work);
                if (!quick) {
                    assigned = work;
                }
            } finally {
                lock.unlock();
            }
            decision.dropped().forEach(GuardedQueue.this::drop);
            if (quick && !work.items().isEmpty()) {
                taker.execute(work);
            }
            return quick && !(work.items().isEmpty() && decision.dropped().isEmpty());
        }

        /** Lets the instance be idle again, or has its thread go on. */
        private void giveBack() {
            lock.lock();
            try {
                lent = false;
                if (closed || taker.isRetired() || !assigned.items().isEmpty()) {
                    changed.signal();
                } else {
                    idle.addLast(this);
                }
                long now = now();
                if (!isWatched(now, pending.nanosToBatch(now, closed))) {
                    callOne();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void drop(PendingRequests.Dropped dropped) {
        InferenceRequest request = dropped.item().request();
        context.listener().failed(dropped.reason(), now() - request.arrivalNanos());
        request.close();
        dropped.item().sender().fail(dropped.status());
    }
}
