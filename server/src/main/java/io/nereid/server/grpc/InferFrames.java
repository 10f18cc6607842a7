package io.nereid.server.grpc;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the frames of a connection: those of plain calls of {@code ModelInfer} go to an {@link
 * InferStream} each, all others to gRPC's own streams. The connection itself stays gRPC's: its
 * settings, keepalive, age, and shutdown. Used on the connection's event loop.
 */
final class InferFrames extends Http2FrameListenerDecorator {
    private final GrpcHttp2ConnectionHandler handler;
    private final InferStream.Terms terms;
    private final Set<InferConnection> open;
    private final Http2Connection.PropertyKey streamKey;
    private Optional<InferConnection> connection = Optional.empty();

    private InferFrames(
            GrpcHttp2ConnectionHandler handler,
            InferStream.Terms terms,
            Set<InferConnection> open) {
        super(handler.decoder().frameListener());
        this.handler = handler;
        this.terms = terms;
        this.open = open;
        this.streamKey = handler.connection().newKey();
    }

    /**
     * Has a connection's frames read, before the first comes.
     *
     * @param open connections with such calls, from the first one to the end of the connection
     */
    static void readOn(
            GrpcHttp2ConnectionHandler handler,
            InferStream.Terms terms,
            Set<InferConnection> open) {
        InferFrames frames = new InferFrames(handler, terms, open);
        handler.decoder().frameListener(frames);
        handler.connection().addListener(frames.ends());
    }

    private Http2Connection.Listener ends() {
        return new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                of(stream).ifPresent(ended -> connection.orElseThrow().closed(ended));
            }
        };
    }

    private Optional<InferStream> of(int streamId) {
        return Optional.ofNullable(handler.connection().stream(streamId)).flatMap(this::of);
    }

    private Optional<InferStream> of(Http2Stream stream) {
        InferStream infer = stream.getProperty(streamKey);
        return Optional.ofNullable(infer);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endOfStream)
            throws Http2Exception {
        if (!reads(ctx, streamId, headers, endOfStream)) {
            super.onHeadersRead(
                    ctx,
                    streamId,
                    headers,
                    streamDependency,
                    weight,
                    exclusive,
                    padding,
                    endOfStream);
        }
    }

    /** Whether the headers are of a call that is read here. */
    private boolean reads(
            ChannelHandlerContext ctx, int streamId, Http2Headers headers, boolean endOfStream) {
        Optional<InferStream> begun = of(streamId);
        if (begun.isPresent()) {
            if (endOfStream) {
                begun.get().halfClosed();
            }
            return true;
        }
        if (endOfStream) {
            return false;
        }
        Optional<InferHeaders.Plain> plain = InferHeaders.read(headers);
        if (plain.isEmpty()) {
            return false;
        }
        Http2Stream http2 = handler.connection().stream(streamId);
        InferConnection ofStream = connection(ctx);
        InferStream stream = new InferStream(ofStream, http2, plain.get().deadline(), terms);
        http2.setProperty(streamKey, stream);
        ofStream.open(stream, InferHeaders.metadata(headers));
        return true;
    }

    private InferConnection connection(ChannelHandlerContext ctx) {
        if (connection.isEmpty()) {
            InferConnection begun = new InferConnection(handler, ctx);
            open.add(begun);
            begun.onEnd(() -> open.remove(begun));
            connection = Optional.of(begun);
        }
        return connection.get();
    }

    @Override
    public int onDataRead(
            ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        Optional<InferStream> stream = of(streamId);
        if (stream.isEmpty()) {
            return super.onDataRead(ctx, streamId, data, padding, endOfStream);
        }
        int bytes = data.readableBytes() + padding;
        // gRPC has no such stream, and only looks at the connection's speed and life.
        super.onDataRead(ctx, streamId, data, padding, false);
        stream.get().data(data, endOfStream);
        return bytes;
    }
}
