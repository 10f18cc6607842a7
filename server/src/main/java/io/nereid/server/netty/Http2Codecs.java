package io.nereid.server.netty;

import io.nereid.server.InferenceServer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import java.time.Duration;

/** Netty's HTTP/2 with this server's limits. Each stream is a connection with one request. */
final class Http2Codecs {
    /** Requests of one connection at a time; a client may open further connections. */
    static final int MAX_STREAMS = 256;

    /** Bytes of a body that a client may send ahead of their being read. */
    private static final int STREAM_WINDOW = 1 << 20;

    /** Streams that a client may reset within {@link #RESET_SECONDS}. */
    static final int MAX_RESETS = 1000;

    private static final int RESET_SECONDS = 30;

    private Http2Codecs() {}

    /** Frames of one connection. */
    static Http2FrameCodec frames() {
        Http2Settings settings =
                new Http2Settings()
                        .maxConcurrentStreams(MAX_STREAMS)
                        .maxHeaderListSize(StrictRequestDecoder.LARGEST_HEAD)
                        .initialWindowSize(STREAM_WINDOW);
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(settings)
                .validateHeaders(true)
                .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS)
                // whoever stops gracefully says himself for how long
                .gracefulShutdownTimeoutMillis(-1)
                .build();
    }

    /** A channel for each stream, on the event loop of its connection. */
    static Http2MultiplexHandler streams(InferenceServer server, HttpRoutes routes) {
        // a connection stops as a whole, so nobody asks for the list of its streams
        Connections streams = new Connections(Duration.ZERO);
        ChannelHandler stream =
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new Http2StreamFrames())
                                .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                                .addLast(new Http2RequestHead())
                                .addLast(new HttpConnection(routes, server, streams, true));
                    }
                };
        return new Http2MultiplexHandler(stream);
    }
}
