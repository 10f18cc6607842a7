package io.nereid.server.netty;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Bounds the connections of a port. May be used from any thread; never blocks. */
final class ConnectionLimit {
    private static final Logger log = LoggerFactory.getLogger(ConnectionLimit.class);
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int limit;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong nextLog = new AtomicLong(System.nanoTime());

    ConnectionLimit(int limit) {
        this.limit = limit;
    }

    /** Counts a new connection until it is closed; or does not, and it has to be closed. */
    boolean admit(Channel channel) {
        if (open.incrementAndGet() > limit) {
            open.decrementAndGet();
            tell(refused.incrementAndGet());
            return false;
        }
        channel.closeFuture().addListener(_ -> open.decrementAndGet());
        return true;
    }

    /** Connections that were refused so far. */
    long refused() {
        return refused.get();
    }

    private void tell(long count) {
        long due = nextLog.get();
        long now = System.nanoTime();
        if (now - due >= 0 && nextLog.compareAndSet(due, now + LOG_NANOS)) {
            log.warn(
                    "more than the {} connections of --http-max-connections: {} closed so far",
                    limit,
                    count);
        }
    }
}
