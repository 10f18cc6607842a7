package io.nereid.server.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection under the streams of one HTTP/2 client, the last handler of its pipeline. Lives on
 * one event loop.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter implements OpenConnection {
    private static final Logger log = LoggerFactory.getLogger(Http2Connection.class);

    /** Pings and settings that a client may send within {@link #WINDOW_NANOS}. */
    static final int MAX_CONTROL_FRAMES = 1000;

    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Marks the ping that follows the first farewell. */
    private static final long FAREWELL_PING = 0x6e65726569642121L;

    /** Longest wait for a client that does not answer that ping. */
    private static final long FAREWELL_MILLIS = 1000;

    private final Connections connections;
    private @Nullable ChannelHandlerContext context;
    private long windowStart = System.nanoTime();
    private int controlFrames;
    private boolean closing;
    private boolean leaving;
    private boolean farewellSaid;

    Http2Connection(Connections connections) {
        this.connections = connections;
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("connection is not active yet");
        }
        return context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        connections.add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        connections.remove(this);
    }

    /** What belongs to no stream; the codec has acted on it already. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2PingFrame ping
                && ping.ack()
                && ping.content() == FAREWELL_PING) {
            sayFarewell(ctx);
        } else if (message instanceof Http2PingFrame || message instanceof Http2SettingsFrame) {
            countControlFrame(ctx);
        }
        ReferenceCountUtil.release(message);
    }

    private void countControlFrame(ChannelHandlerContext ctx) {
        long now = System.nanoTime();
        if (now - windowStart > WINDOW_NANOS) {
            windowStart = now;
            controlFrames = 0;
        }
        controlFrames++;
        if (controlFrames > MAX_CONTROL_FRAMES && !closing) {
            closing = true;
            log.debug("too many pings and settings");
            ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM))
                    .addListener(_ -> close());
        }
    }

    /**
     * Says that no further stream should be begun, takes those that are on their way already, and
     * closes after the last one (RFC 9113 section 6.8). A ping that comes back proves that the
     * client knows.
     */
    @Override
    public void stopWhenIdle() {
        ChannelHandlerContext ctx = context();
        ctx.executor().execute(() -> leave(ctx));
    }

    private void leave(ChannelHandlerContext ctx) {
        if (leaving) {
            return;
        }
        leaving = true;
        // whatever fails here fails the ping too, and is over after the longest wait
        var _ =
                ctx.write(
                        new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR)
                                .setExtraStreamIds(Integer.MAX_VALUE));
        var _ = ctx.writeAndFlush(new DefaultHttp2PingFrame(FAREWELL_PING));
        var _ =
                ctx.executor()
                        .schedule(() -> sayFarewell(ctx), FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The last stream is known now; the connection ends after it. */
    private void sayFarewell(ChannelHandlerContext ctx) {
        if (farewellSaid || !ctx.channel().isActive()) {
            return;
        }
        farewellSaid = true;
        ctx.pipeline().get(LingeringClose.class).begin();
        // a connection that takes no more is closed all the same
        var _ = ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        var _ = ctx.close();
    }

    /** Closes at the socket, past the codec, which would wait for streams. */
    @Override
    public void close() {
        ChannelHandlerContext ctx = context();
        ctx.executor()
                .execute(() -> {
                    ChannelHandlerContext first = ctx.pipeline().firstContext();
                    if (first != null) {
                        var _ = first.close();
                    }
                });
    }

    /** What the codec has not dealt with is the client's fault or a broken connection. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("connection broke", cause);
        close();
    }
}
