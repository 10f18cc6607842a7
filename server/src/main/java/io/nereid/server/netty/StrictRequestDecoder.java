package io.nereid.server.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.List;

/**
 * Netty's decoder with this server's limits (HTTP protocol section 1). Pieces of a body are at most
 * {@link #PIECE_BYTES} long and smaller chunks come whole, so that chunks can be counted. A head
 * has to be complete within a time; for a body there is none.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {
    /** Longest element of a head: target, header name or header value. */
    static final int LONGEST_ELEMENT = 8192;

    /** Largest head, in bytes. */
    static final int LARGEST_HEAD = 64 << 10;

    private static final int LONGEST_LINE = LONGEST_ELEMENT + 64;
    private static final int PIECE_BYTES = 64 << 10;

    private final HeadTimer timer;
    private boolean inMessage;

    StrictRequestDecoder(Duration headTime) {
        super(
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(LONGEST_LINE)
                        .setMaxHeaderSize(LARGEST_HEAD)
                        .setMaxChunkSize(PIECE_BYTES)
                        .setAllowPartialChunks(false));
        timer = new HeadTimer(headTime);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
            throws Exception {
        int before = out.size();
        int readable = in.readableBytes();
        super.decode(ctx, in, out);
        for (Object message : out.subList(before, out.size())) {
            timer.end();
            inMessage = !(message instanceof LastHttpContent);
        }
        boolean waits = in.isReadable() || in.readableBytes() < readable;
        if (!inMessage && out.size() == before && waits) {
            timer.begin(ctx);
        }
    }

    /** Whether all that has arrived was decoded. */
    boolean isEmpty() {
        return actualReadableBytes() == 0;
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        timer.end();
        super.handlerRemoved0(ctx);
    }

    /** Two lengths for one body are how requests are smuggled past proxies. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException(
                "Content-Length and Transfer-Encoding exclude each other");
    }
}
