package io.nereid.server.grpc;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens gRPC's connections, each with {@link InferFrames} before gRPC's own streams, and without
 * TLS with a {@link FrameAligner}; TLS cuts by its own records.
 */
final class InferTransport implements InternalProtocolNegotiator.ProtocolNegotiator {
    private final InternalProtocolNegotiator.ProtocolNegotiator negotiator;
    private final boolean plaintext;
    private final Optional<InferStream.Terms> terms;
    private final Set<InferConnection> open = ConcurrentHashMap.newKeySet();

    /**
     * @param terms of calls of {@code ModelInfer}, unless gRPC's own streams are to carry them too
     */
    InferTransport(Optional<SslContext> tls, Optional<InferStream.Terms> terms) {
        this.negotiator =
                tls.map(InternalProtocolNegotiators::serverTls)
                        .orElseGet(InternalProtocolNegotiators::serverPlaintext);
        this.plaintext = tls.isEmpty();
        this.terms = terms;
    }

    @Override
    public AsciiString scheme() {
        return negotiator.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler connection) {
        terms.ifPresent(ofCalls -> InferFrames.readOn(connection, ofCalls, open));
        ChannelHandler negotiation = negotiator.newHandler(connection);
        return plaintext ? new FrameAligner(negotiation) : negotiation;
    }

    /**
     * Cancels the calls that are under way, of which gRPC knows nothing, and those to come; called
     * before it closes its connections. Any thread.
     */
    void cancelAll() {
        open.forEach(InferConnection::cancelAll);
    }

    @Override
    public void close() {
        negotiator.close();
    }
}
