package io.nereid.server.netty;

import io.nereid.server.InferenceServer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.Optional;

/**
 * What the connections of a port are made of: TLS or not, then HTTP/1.1 or HTTP/2. Each begins as
 * an idle {@link HttpConnection}, which stays for HTTP/1.1 and makes room for {@link
 * Http2Connection}.
 */
final class HttpPipeline extends ChannelInitializer<Channel> {
    private static final List<String> PROTOCOLS =
            List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
    private static final String FRAMES = "frames";

    private final InferenceServer server;
    private final HttpRoutes routes;
    private final ListenerOptions options;
    private final Connections connections;
    private final ConnectionLimit limit;
    private final Optional<SslContext> tls;

    HttpPipeline(
            InferenceServer server,
            HttpRoutes routes,
            ListenerOptions options,
            Connections connections,
            ConnectionLimit limit) {
        this.server = server;
        this.routes = routes;
        this.options = options;
        this.connections = connections;
        this.limit = limit;
        this.tls = options.tls().map(files -> CurrentSslContext.of(files, PROTOCOLS));
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!limit.admit(channel)) {
            var _ = channel.close();
            return;
        }
        ChannelPipeline pipeline = channel.pipeline();
        HttpConnection http = new HttpConnection(routes, server, connections, false);
        if (tls.isPresent()) {
            SslHandler handler = tls.get().newHandler(channel.alloc());
            handler.setHandshakeTimeoutMillis(options.handshakeTime().toMillis());
            pipeline.addLast(handler).addLast(new ProtocolByAlpn(this));
        } else {
            // with TLS the end of what is sent is the end of the connection
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            DirectReads reads = new DirectReads(channel.config().getRecvByteBufAllocator(), http);
            channel.config().setRecvByteBufAllocator(reads);
            pipeline.addLast(new ProtocolByPreface(this, reads, options.headTime()));
        }
        pipeline.addLast(http);
    }

    /** Goes on with HTTP/1.1 behind the handler of {@code ctx}. */
    StrictRequestDecoder http1(ChannelHandlerContext ctx) {
        StrictRequestDecoder requests = new StrictRequestDecoder(options.headTime());
        ctx.pipeline()
                .addAfter(ctx.name(), null, new ReplyEncoder())
                .addAfter(ctx.name(), null, requests);
        return requests;
    }

    /** Goes on with HTTP/2 behind the handler of {@code ctx}. */
    void http2(ChannelHandlerContext ctx) {
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        ctx.pipeline().addFirst(new LingeringClose());
        ctx.pipeline().addLast(new Http2Connection(connections));
        ctx.pipeline().remove(HttpConnection.class);
        // the second looks for the first when it is added
        ctx.pipeline()
                .addAfter(ctx.name(), FRAMES, Http2Codecs.frames())
                .addAfter(FRAMES, null, Http2Codecs.streams(server, routes));
    }
}
