package io.nereid.server.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose client does not finish what it has begun to send. It costs nothing as
 * long as heads come in one piece. Used on one event loop.
 */
final class HeadTimer {
    private static final Logger log = LoggerFactory.getLogger(HeadTimer.class);

    private final Duration time;
    private @Nullable Future<?> running;

    HeadTimer(Duration time) {
        this.time = time;
    }

    /** A head is incomplete; the time runs since the first such call. */
    void begin(ChannelHandlerContext ctx) {
        if (running == null) {
            start(ctx);
        }
    }

    private void start(ChannelHandlerContext ctx) {
        running = ctx.executor().schedule(() -> expire(ctx), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void expire(ChannelHandlerContext ctx) {
        if (ctx.channel().config().isAutoRead()) {
            log.debug("request head was not complete after {}", time);
            var _ = ctx.close();
        } else {
            // it was not the client who stopped
            start(ctx);
        }
    }

    /** The head is complete, or nobody waits for it any more. */
    void end() {
        if (running != null) {
            running.cancel(false);
            running = null;
        }
    }
}
