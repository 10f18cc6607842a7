package io.nereid.server.netty;

import io.nereid.server.security.TlsCertificates;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/**
 * TLS of a port, for each new connection with the certificates that hold then. Connections that are
 * open go on with theirs. May be used from any thread.
 */
public final class CurrentSslContext extends SslContext {
    private final TlsCertificates certificates;
    private final List<String> protocols;

    /** A race makes one context too many, which does no harm. */
    private volatile JdkSslContext current;

    private CurrentSslContext(TlsCertificates certificates, List<String> protocols) {
        this.certificates = certificates;
        this.protocols = protocols;
        this.current = wrap(certificates.context());
    }

    /**
     * The server's side of TLS.
     *
     * @param certificates stay the caller's
     * @param protocols what is spoken inside, by the names of ALPN, the preferred one first
     */
    public static CurrentSslContext of(TlsCertificates certificates, List<String> protocols) {
        return new CurrentSslContext(certificates, List.copyOf(protocols));
    }

    private JdkSslContext wrap(SSLContext context) {
        return new JdkSslContext(
                context,
                false,
                Http2SecurityUtil.CIPHERS,
                SupportedCipherSuiteFilter.INSTANCE,
                new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocols),
                certificates.clientsNeedCertificate() ? ClientAuth.REQUIRE : ClientAuth.NONE,
                new String[] {"TLSv1.3", "TLSv1.2"},
                false);
    }

    private JdkSslContext current() {
        SSLContext context = certificates.context();
        JdkSslContext known = current;
        if (!known.context().equals(context)) {
            known = wrap(context);
            current = known;
        }
        return known;
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return current().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // the type is what the superclass asks for
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return current().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
        return current().newEngine(allocator, peerHost, peerPort);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current().sessionContext();
    }
}
