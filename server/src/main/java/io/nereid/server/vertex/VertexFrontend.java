package io.nereid.server.vertex;

import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.ContentTypeDialect;
import io.nereid.server.netty.HttpListener;
import io.nereid.server.netty.HttpRoutes;
import io.nereid.server.netty.InferDialect;
import io.nereid.server.netty.InferRoute;
import io.nereid.server.netty.ListenAddress;
import io.nereid.server.netty.ListenerOptions;
import io.nereid.server.netty.Transport;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Vertex AI front end. Methods may be called from any thread except event loops. */
public final class VertexFrontend implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(VertexFrontend.class);

    /** Address that the platform asks for. */
    private static final String ADDRESS = "0.0.0.0";

    /** What the content type of binary data begins with. */
    private static final String BINARY =
            "application/vnd.vertex-ai-triton.binary+json;json-header-size=";

    /**
     * What is set on the command line and in the environment.
     *
     * @param port {@code --vertex-ai-port}; 0 for any free one
     * @param maxInputSize {@code --http-max-input-size}, in bytes
     * @param maxConnections connections open at a time
     * @param defaultModel gives the model behind the predict route; empty while it is not known
     * @param predictRoute {@code AIP_PREDICT_ROUTE}
     * @param healthRoute {@code AIP_HEALTH_ROUTE}
     */
    public record Settings(
            int port,
            long maxInputSize,
            int maxConnections,
            Supplier<Optional<String>> defaultModel,
            Optional<String> predictRoute,
            Optional<String> healthRoute) {}

    private final HttpListener listener;

    private VertexFrontend(HttpListener listener) {
        this.listener = listener;
    }

    /**
     * Opens the port.
     *
     * @param gate keeps requests from restricted endpoints
     * @param protocol gives the routes of the HTTP/REST protocol that requests are redirected to,
     *     with bodies in this dialect
     * @throws StatusException INVALID_ARG if the environment names no routes, UNAVAILABLE {@code
     *     Socket '...' already in use } if the port cannot be had
     */
    public static VertexFrontend start(
            InferenceServer server,
            Settings settings,
            ApiGate gate,
            Function<InferDialect, HttpRoutes> protocol,
            Transport transport) {
        InferDialect dialect = new ContentTypeDialect(BINARY);
        HttpListener listener =
                HttpListener.open(
                        new ListenAddress(ADDRESS, settings.port(), false),
                        transport,
                        server,
                        new VertexRoutes(
                                server,
                                route(settings.predictRoute(), "AIP_PREDICT_ROUTE"),
                                route(settings.healthRoute(), "AIP_HEALTH_ROUTE"),
                                settings.defaultModel(),
                                gate,
                                new InferRoute(server, dialect, settings.maxInputSize()),
                                protocol.apply(dialect)),
                        ListenerOptions.of(settings.maxConnections(), Optional.empty()));
        log.info("Started Vertex AI HTTPService at {}:{}", ADDRESS, listener.port());
        return new VertexFrontend(listener);
    }

    private static String route(Optional<String> route, String variable) {
        return route.orElseThrow(() ->
                StatusException.invalidArgument(
                        variable + " is not defined for Vertex AI endpoint"));
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
        listener.close();
    }
}
