package io.nereid.server.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/**
 * Netty's encoder for HTTP/1, which also chooses the framing: an answer that says no length is
 * chunked, or with HTTP/1.0 ends with the connection. A {@link SmallReply} comes encoded.
 */
final class ReplyEncoder extends HttpResponseEncoder {
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
            throws Exception {
        if (message instanceof ByteBuf) {
            var _ = ctx.write(message, promise);
            return;
        }
        if (message instanceof HttpResponse response
                && response.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && response.status().code() >= 200
                && !response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
            HttpUtil.setTransferEncodingChunked(response, true);
        }
        super.write(ctx, message, promise);
    }
}
