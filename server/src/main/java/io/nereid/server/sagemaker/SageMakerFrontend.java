package io.nereid.server.sagemaker;

import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.ContentTypeDialect;
import io.nereid.server.netty.GenerateRoute;
import io.nereid.server.netty.HttpListener;
import io.nereid.server.netty.InferRoute;
import io.nereid.server.netty.ListenAddress;
import io.nereid.server.netty.LoadReport;
import io.nereid.server.netty.Transport;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The SageMaker front end. Methods may be called from any thread except event loops. */
public final class SageMakerFrontend implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SageMakerFrontend.class);

    /** Address that the platform asks for (SageMaker section 3). */
    private static final String ADDRESS = "0.0.0.0";

    /** What the content type of binary data begins with. */
    private static final String BINARY =
            "application/vnd.sagemaker-triton.binary+json;json-header-size=";

    /**
     * What is set on the command line and in the environment.
     *
     * @param port {@code --sagemaker-port}; 0 for any free one
     * @param maxInputSize {@code --http-max-input-size}, in bytes
     * @param defaultModel gives the model behind {@code /invocations}; empty while it is not known
     * @param inferenceType {@code SAGEMAKER_TRITON_INFERENCE_TYPE}, {@code infer} if unset
     * @param pingMode {@code SAGEMAKER_TRITON_PING_MODE}
     * @param gate keeps requests from restricted endpoints
     * @param archives directory in which the platform unpacks models of multi-model endpoints
     */
    public record Settings(
            int port,
            long maxInputSize,
            Supplier<Optional<String>> defaultModel,
            String inferenceType,
            PingMode pingMode,
            ApiGate gate,
            Path archives) {}

    private final HttpListener listener;

    private SageMakerFrontend(HttpListener listener) {
        this.listener = listener;
    }

    /**
     * Opens the port.
     *
     * @throws StatusException UNAVAILABLE {@code Socket '...' already in use } if it cannot be had
     */
    public static SageMakerFrontend start(
            InferenceServer server, Settings settings, Transport transport) {
        InferRoute infer =
                new InferRoute(server, new ContentTypeDialect(BINARY), settings.maxInputSize());
        GenerateRoute generate =
                new GenerateRoute(server, settings.maxInputSize(), LoadReport.CacheBlocks.NONE);
        HttpListener listener =
                HttpListener.open(
                        new ListenAddress(ADDRESS, settings.port(), false),
                        transport,
                        server,
                        new SageMakerRoutes(server, settings, infer, generate));
        log.info("Started Sagemaker HTTPService at {}:{}", ADDRESS, listener.port());
        return new SageMakerFrontend(listener);
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
