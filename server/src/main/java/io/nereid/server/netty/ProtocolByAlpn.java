package io.nereid.server.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Speaks what a TLS client asked for in its handshake; HTTP/1.1 if it asked for nothing. */
final class ProtocolByAlpn extends ApplicationProtocolNegotiationHandler {
    private static final Logger log = LoggerFactory.getLogger(ProtocolByAlpn.class);

    private final HttpPipeline pipeline;

    ProtocolByAlpn(HttpPipeline pipeline) {
        super(ApplicationProtocolNames.HTTP_1_1);
        this.pipeline = pipeline;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
        if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
            pipeline.http2(ctx);
        } else {
            pipeline.http1(ctx);
        }
    }

    /** A client that speaks no TLS, or has no certificate that holds: its fault, not ours. */
    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("handshake failed", cause);
        var _ = ctx.close();
    }
}
