package io.nereid.backend.scheduler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets responses out in the order in which their requests were accepted, whichever instance is done
 * first ({@code preserve_ordering}, schedulers section 4). What comes early is kept until every
 * earlier request has ended.
 *
 * <p>May be used from any thread. One thread at a time lets responses out, without the lock; others
 * only leave theirs.
 */
final class ResponseOrder {
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Queue<Slot> slots = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean delivering;

    /** The next place in the order. */
    ResponseSender inOrder(ResponseSender sender) {
        Slot slot = new Slot(sender);
        lock.lock();
        try {
            slots.add(slot);
        } finally {
            lock.unlock();
        }
        return slot;
    }

    private void leave(Slot slot, Runnable delivery, boolean last) {
        lock.lock();
        try {
            slot.deliveries.add(delivery);
            slot.ended |= last;
            if (delivering) {
                return;
            }
            delivering = true;
        } finally {
            lock.unlock();
        }
        for (Optional<Runnable> next = next(); next.isPresent(); next = next()) {
            next.get().run();
        }
    }

    /** What may leave now; none ends the caller's turn. */
    private Optional<Runnable> next() {
        lock.lock();
        try {
            while (!slots.isEmpty()) {
                Slot oldest = slots.element();
                Runnable delivery = oldest.deliveries.poll();
                if (delivery != null) {
                    return Optional.of(delivery);
                }
                if (!oldest.ended) {
                    break;
                }
                slots.remove();
            }
            delivering = false;
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** One request's place; its fields are guarded by the lock. */
    private final class Slot implements ResponseSender {
        private final ResponseSender sender;
        private final Queue<Runnable> deliveries = new ArrayDeque<>();
        private boolean ended;

        Slot(ResponseSender sender) {
            this.sender = sender;
        }

        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            leave(this, () -> sender.send(response, last), last);
        }

        @Override
        public void complete() {
            leave(this, sender::complete, true);
        }

        @Override
        public void fail(StatusException status) {
            leave(this, () -> sender.fail(status), true);
        }
    }
}
