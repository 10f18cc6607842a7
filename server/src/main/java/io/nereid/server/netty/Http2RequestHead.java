package io.nereid.server.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the one request of a stream pass, without the headers that the codec invents, and nothing
 * that is no part of it. Lives on one event loop.
 */
final class Http2RequestHead extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Http2RequestHead.class);

    private boolean begun;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HttpObject)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            if (begun) {
                ReferenceCountUtil.release(message);
                Http2StreamFrames.refuse(ctx);
                return;
            }
            begun = true;
            for (HttpConversionUtil.ExtensionHeaderNames name :
                    HttpConversionUtil.ExtensionHeaderNames.values()) {
                request.headers().remove(name.text());
            }
        }
        ctx.fireChannelRead(message);
    }

    /** What could not be put into the form of a request, such as one without a path. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("malformed request", cause);
        Http2StreamFrames.refuse(ctx);
    }
}
