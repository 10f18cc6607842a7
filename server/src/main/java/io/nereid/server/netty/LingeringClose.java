package io.nereid.server.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection that is stopped gracefully in two steps: first it says that nothing more
 * comes, then it waits a moment for the client to close, too. A client that still sends, as HTTP/2
 * clients do while they read, and others that have not read yet that this was the last answer,
 * would otherwise be answered with a reset, which may destroy the last answer before it was read.
 * Stands next to the socket; used on the connection's event loop.
 */
final class LingeringClose extends ChannelDuplexHandler {
    private static final long LINGER_MILLIS = 1000;

    private boolean graceful;
    private boolean closing;

    /** From now on the connection is closed in two steps. */
    void begin() {
        graceful = true;
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (!graceful || closing || !(ctx.channel() instanceof DuplexChannel channel)) {
            var _ = ctx.close(promise);
            return;
        }
        closing = true;
        ctx.channel().closeFuture().addListener(_ -> promise.trySuccess());
        channel.shutdownOutput()
                .addListener(done -> {
                    if (done.isSuccess()) {
                        Future<?> _ =
                                ctx.executor()
                                        .schedule(
                                                () -> endNow(ctx),
                                                LINGER_MILLIS,
                                                TimeUnit.MILLISECONDS);
                        channel.config().setAutoRead(true);
                    } else {
                        endNow(ctx);
                    }
                });
    }

    /** The client closes, too. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (closing && event instanceof ChannelInputShutdownEvent) {
            endNow(ctx);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private static void endNow(ChannelHandlerContext ctx) {
        var _ = ctx.close();
    }

    /** Nobody is there any more to whom it would matter. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (closing) {
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }
}
