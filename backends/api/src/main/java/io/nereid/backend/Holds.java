package io.nereid.backend;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts those who use something that ends once nobody does. Lock-free but for who waits; any
 * thread.
 */
public final class Holds {
    /** One for its being open, one for each user; never rises from 0. */
    private final AtomicLong count = new AtomicLong(1);

    private final CompletableFuture<Boolean> unused = new CompletableFuture<>();

    /** Adds a user; false if it has ended. */
    public boolean tryAdd() {
        long now = count.get();
        while (now > 0) {
            long seen = count.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    /** A user leaves. */
    public void remove() {
        if (count.decrementAndGet() == 0) {
            boolean _ = unused.complete(true);
        }
    }

    /** Whether nobody uses it now. */
    public boolean isIdle() {
        return count.get() <= 1;
    }

    /** Lets nobody in any more once all have left, and waits for that; called once. */
    public void endAndAwait() {
        remove();
        boolean _ = unused.join();
    }
}
