package io.nereid.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts requests that have not ended, lets in so many, and can be shut. Any thread. */
final class InFlight {
    /** What becomes of a request at the entry. */
    enum Entry {
        LET_IN,
        FULL,
        SHUT
    }

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();

    @GuardedBy("lock")
    private long count;

    @GuardedBy("lock")
    private boolean closed;

    /**
     * @param limit most requests at once
     */
    InFlight(int limit) {
        this.limit = limit;
    }

    /** Counts one more request, if it is let in. */
    Entry enter() {
        lock.lock();
        try {
            if (closed) {
                return Entry.SHUT;
            }
            if (count >= limit) {
                return Entry.FULL;
            }
            count++;
            return Entry.LET_IN;
        } finally {
            lock.unlock();
        }
    }

    /** A request has ended. */
    void leave() {
        lock.lock();
        try {
            count--;
            if (count == 0) {
                empty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets nobody in any more and waits until everybody has left. */
    void closeAndAwait() {
        lock.lock();
        try {
            closed = true;
            while (count > 0) {
                empty.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
