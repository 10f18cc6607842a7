package io.nereid.server.http;

import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerOptions;
import io.nereid.server.netty.GenerateRoute;
import io.nereid.server.netty.HttpListener;
import io.nereid.server.netty.HttpRoutes;
import io.nereid.server.netty.InferDialect;
import io.nereid.server.netty.InferRoute;
import io.nereid.server.netty.ListenAddress;
import io.nereid.server.netty.ListenerOptions;
import io.nereid.server.netty.LoadReport;
import io.nereid.server.netty.Transport;
import io.nereid.server.security.TlsCertificates;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP/REST front end. Methods may be called from any thread except event loops. */
public final class HttpFrontend implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpFrontend.class);

    private final HttpListener listener;
    private final Optional<TlsCertificates> certificates;

    private HttpFrontend(HttpListener listener, Optional<TlsCertificates> certificates) {
        this.listener = listener;
        this.certificates = certificates;
    }

    /**
     * Opens the port.
     *
     * @throws StatusException UNAVAILABLE {@code Socket '...' already in use } if it cannot be had,
     *     INVALID_ARG naming the certificate file that is no good
     */
    public static HttpFrontend start(
            InferenceServer server, ServerOptions.Http options, Transport transport) {
        ListenAddress address =
                new ListenAddress(options.address(), options.port(), options.reusePort());
        HttpRoutes routes =
                Cors.around(
                        routes(server, options, new V2InferDialect(options.forwarding())),
                        options.corsOrigins());
        Optional<TlsCertificates> certificates =
                options.tls()
                        .map(tls ->
                                TlsCertificates.open(
                                        tls.certificate(), tls.key(), tls.clientAuthorities()));
        try {
            HttpListener listener =
                    HttpListener.open(
                            address,
                            transport,
                            server,
                            routes,
                            ListenerOptions.of(options.maxConnections(), certificates));
            log.info("Started HTTPService at {}:{}", options.address(), listener.port());
            return new HttpFrontend(listener, certificates);
        } catch (StatusException e) {
            certificates.ifPresent(TlsCertificates::close);
            throw e;
        }
    }

    /**
     * The routes of the protocol, for other ports that lead to them.
     *
     * @param dialect how infer requests say where their JSON ends
     */
    public static HttpRoutes routes(
            InferenceServer server, ServerOptions.Http options, InferDialect dialect) {
        return new V2Routes(
                server,
                options,
                new InferRoute(server, dialect, options.maxInputSize()),
                new GenerateRoute(server, options.maxInputSize(), LoadReport.CacheBlocks.NONE));
    }

    /** The port that is open. */
    public int port() {
        return listener.port();
    }

    /** Connections that are open now. */
    public int connections() {
        return listener.connections();
    }

    /** Lets clients know that they should go elsewhere, while everything is served as before. */
    public void leave() {
        listener.leave();
    }

    /**
     * Begins a graceful stop: no new connections; running requests are answered; connections close
     * when nothing runs on them.
     *
     * @return completes when no connection is left
     */
    public CompletableFuture<Void> stop() {
        return listener.stop();
    }

    /** Closes everything now and waits for that; running requests are cancelled. */
    @Override
    public void close() {
        try {
            listener.close();
        } finally {
            certificates.ifPresent(TlsCertificates::close);
        }
    }
}
