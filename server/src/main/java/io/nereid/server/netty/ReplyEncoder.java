package io.nereid.server.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/**
 * Netty's encoder for HTTP/1, which also chooses the framing: an answer that says no length is
 * chunked, or with HTTP/1.0 ends with the connection. A small answer becomes one buffer, since a
 * socket takes that for less than two.
 */
final class ReplyEncoder extends HttpResponseEncoder {
    private static final int ROOM_FOR_HEAD = 512;
    private static final int END_OF_LINE = '\r' << 8 | '\n';

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
            throws Exception {
        if (message instanceof FullHttpResponse whole && isSmall(whole)) {
            var _ = ctx.write(inOnePiece(ctx, whole), promise);
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

    /** Only where the status leaves the headers as they are. */
    private static boolean isSmall(FullHttpResponse whole) {
        return whole.status().equals(HttpResponseStatus.OK)
                && whole.content().isReadable()
                && whole.content().readableBytes() <= HttpReply.SMALL_BYTES
                && whole.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
    }

    private ByteBuf inOnePiece(ChannelHandlerContext ctx, FullHttpResponse whole) throws Exception {
        ByteBuf content = whole.content();
        ByteBuf piece = ctx.alloc().buffer(ROOM_FOR_HEAD + content.readableBytes());
        boolean complete = false;
        try {
            encodeInitialLine(piece, whole);
            encodeHeaders(whole.headers(), piece);
            piece.writeShort(END_OF_LINE).writeBytes(content);
            complete = true;
            return piece;
        } finally {
            whole.release();
            if (!complete) {
                piece.release();
            }
        }
    }
}
