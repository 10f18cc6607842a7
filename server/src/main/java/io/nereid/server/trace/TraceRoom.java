package io.nereid.server.trace;

import java.util.concurrent.atomic.AtomicLong;

/** Memory for traces that are on their way, counted in bytes. Any thread. */
final class TraceRoom {
    private final long max;
    private final AtomicLong held = new AtomicLong();

    TraceRoom(long max) {
        this.max = max;
    }

    /** Takes room; false if there is not so much left. */
    boolean take(long bytes) {
        if (held.addAndGet(bytes) <= max) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    /** Gives room back. */
    void give(long bytes) {
        held.addAndGet(-bytes);
    }

    long held() {
        return held.get();
    }
}
