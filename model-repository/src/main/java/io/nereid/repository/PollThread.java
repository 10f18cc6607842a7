package io.nereid.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The thread that looks at repositories again and again until it is closed. */
final class PollThread implements RepositoryPolling.Pause, AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private @Nullable Thread thread;

    /** Begins to look, at once; does nothing once closed. */
    void start(RepositoryPolling polling) {
        lock.lock();
        try {
            if (closed || thread != null) {
                return;
            }
            thread =
                    Thread.ofVirtual()
                            .name("nereid-control-poll")
                            .start(() -> {
                                while (await(polling.look())) {
                                    // Looks again.
                                }
                            });
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean await(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!closed && left > 0) {
                left = closing.awaitNanos(left);
            }
            return !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends waiting, and waits for a look that is under way. */
    @Override
    public void close() {
        Thread running;
        lock.lock();
        try {
            closed = true;
            closing.signalAll();
            running = thread;
        } finally {
            lock.unlock();
        }
        if (running != null) {
            ControlThreads.join(running);
        }
    }
}
