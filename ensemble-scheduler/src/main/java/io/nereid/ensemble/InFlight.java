package io.nereid.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts requests that have not ended, and can be shut. May be used from any thread. */
final class InFlight {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();

    @GuardedBy("lock")
    private long count;

    @GuardedBy("lock")
    private boolean closed;

    /** Counts one more request, unless shut. */
    boolean tryEnter() {
        lock.lock();
        try {
            if (!closed) {
                count++;
            }
            return !closed;
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
