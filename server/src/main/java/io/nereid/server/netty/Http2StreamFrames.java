package io.nereid.server.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a stream in HTTP/2's way: who was answered before it had sent all of its body is told so
 * without an error (RFC 9113 section 8.1). Lives on one event loop.
 */
final class Http2StreamFrames extends ChannelDuplexHandler {
    private static final Logger log = LoggerFactory.getLogger(Http2StreamFrames.class);

    private boolean answered;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        boolean last =
                switch (message) {
                    case Http2HeadersFrame headers -> headers.isEndStream();
                    case Http2DataFrame data -> data.isEndStream();
                    default -> false;
                };
        answered |= last;
        var _ = ctx.write(message, promise);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (answered && ctx.channel().isActive()) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR))
                    .addListener(_ -> {
                        var _ = ctx.close(promise);
                    });
        } else {
            var _ = ctx.close(promise);
        }
    }

    /** A stream that broke the rules of HTTP/2; the codec has reset it. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("stream broke", cause);
        var _ = ctx.close();
    }
}
