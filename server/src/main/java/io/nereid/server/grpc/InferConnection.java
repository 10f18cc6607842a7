package io.nereid.server.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.EventExecutor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A connection of gRPC's on which there are {@link InferStream}s. Used on the connection's event
 * loop.
 */
final class InferConnection {
    private final GrpcHttp2ConnectionHandler handler;
    private final ChannelHandlerContext ctx;
    private final Attributes attributes;
    private final Set<InferStream> streams = new HashSet<>();
    private boolean cancelled;
    private boolean flushing;

    InferConnection(GrpcHttp2ConnectionHandler handler, ChannelHandlerContext ctx) {
        this.handler = handler;
        this.ctx = ctx;
        this.attributes =
                Attributes.newBuilder()
                        .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, ctx.channel().remoteAddress())
                        .build();
    }

    EventExecutor loop() {
        return ctx.executor();
    }

    ByteBufAllocator allocator() {
        return ctx.alloc();
    }

    /** What its calls say of it. */
    Attributes attributes() {
        return attributes;
    }

    /** Has {@code ended} called at the end of the connection. */
    void onEnd(Runnable ended) {
        ctx.channel().closeFuture().addListener(_ -> ended.run());
    }

    void open(InferStream stream, Metadata headers) {
        streams.add(stream);
        stream.start(headers);
        if (cancelled) {
            stream.reset();
        }
    }

    void closed(InferStream stream) {
        streams.remove(stream);
        stream.closed();
    }

    /** Cancels the calls that are under way, and those to come. Any thread. */
    void cancelAll() {
        loop().execute(() -> {
            cancelled = true;
            List.copyOf(streams).forEach(InferStream::reset);
        });
    }

    void write(Http2Stream stream, Http2Headers headers) {
        var _ =
                handler.encoder()
                        .writeHeaders(ctx, stream.id(), headers, 0, false, ctx.newPromise());
        flushSoon();
    }

    void write(Http2Stream stream, ByteBuf data) {
        var _ = handler.encoder().writeData(ctx, stream.id(), data, 0, false, ctx.newPromise());
        flushSoon();
    }

    /**
     * Writes the last of a stream. It is closed when that has been written and the client has ended
     * it too; until then what comes is dropped.
     *
     * @param written told before that whether it went well
     */
    void end(Http2Stream stream, Http2Headers trailers, Consumer<Boolean> written) {
        ChannelPromise done = ctx.newPromise();
        done.addListener(future -> {
            written.accept(future.isSuccess());
            if (!future.isSuccess()) {
                handler.closeStream(stream, (ChannelFuture) future);
            }
        });
        var _ = handler.encoder().writeHeaders(ctx, stream.id(), trailers, 0, true, done);
        flushSoon();
    }

    /** Ends a stream that has not come to its end. */
    void reset(Http2Stream stream) {
        var _ = handler.resetStream(ctx, stream.id(), Http2Error.CANCEL.code(), ctx.newPromise());
        flushSoon();
    }

    /** Sends what has been written, once for all that is written until the loop comes to it. */
    private void flushSoon() {
        if (!flushing) {
            flushing = true;
            loop().execute(() -> {
                flushing = false;
                handler.flush(ctx);
            });
        }
    }
}
