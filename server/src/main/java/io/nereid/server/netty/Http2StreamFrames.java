package io.nereid.server.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins and ends a stream in HTTP/2's way (RFC 9113 section 8): what is no request is reset, and
 * who was answered before it had sent all of its body is told so without an error. Lives on one
 * event loop.
 */
final class Http2StreamFrames extends ChannelDuplexHandler {
    private static final Logger log = LoggerFactory.getLogger(Http2StreamFrames.class);

    private boolean begun;
    private boolean answered;

    /** Lets only what the codec behind this can read begin a stream; it would leak a buffer. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!begun && message instanceof Http2HeadersFrame headers) {
            begun = true;
            if (!isRequest(headers.headers())) {
                log.debug("malformed request {}", headers);
                refuse(ctx);
                return;
            }
        }
        ctx.fireChannelRead(message);
    }

    /** Resets a stream that carries no request. */
    static void refuse(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private static boolean isRequest(Http2Headers headers) {
        CharSequence method = headers.method();
        if (method == null || headers.path() == null) {
            return false;
        }
        try {
            return !HttpMethod.valueOf(method.toString()).name().isEmpty();
        } catch (IllegalArgumentException notAToken) {
            return false;
        }
    }

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
