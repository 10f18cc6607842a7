package io.nereid.server.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.time.Duration;
import java.util.List;

/**
 * Tells HTTP/2 with prior knowledge (RFC 9113 section 3.3) from HTTP/1.1 by the first bytes of a
 * plain connection, and gives way to what it has found. No HTTP/1.1 request begins like the
 * preface.
 */
final class ProtocolByPreface extends ByteToMessageDecoder {
    private final HttpPipeline pipeline;
    private final DirectReads reads;
    private final HeadTimer timer;

    /**
     * @param reads told of HTTP/1.1
     */
    ProtocolByPreface(HttpPipeline pipeline, DirectReads reads, Duration headTime) {
        this.pipeline = pipeline;
        this.reads = reads;
        this.timer = new HeadTimer(headTime);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
        try {
            int known = Math.min(in.readableBytes(), preface.readableBytes());
            boolean http2 = isEqual(in, preface, known);
            if (http2 && known < preface.readableBytes()) {
                timer.begin(ctx);
                return;
            }
            if (http2) {
                pipeline.http2(ctx);
            } else {
                reads.decodedBy(pipeline.http1(ctx));
            }
            ctx.pipeline().remove(this);
        } finally {
            preface.release();
        }
    }

    private static boolean isEqual(ByteBuf in, ByteBuf preface, int count) {
        for (int i = 0; i < count; i++) {
            if (in.getByte(in.readerIndex() + i) != preface.getByte(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        timer.end();
    }
}
