package io.nereid.server.main;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.grpc.GrpcFrontend;
import io.nereid.server.http.HttpFrontend;
import io.nereid.server.sagemaker.SageMakerFrontend;
import io.nereid.server.vertex.VertexFrontend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The graceful part of stopping: while clients find out that the server is not ready they are
 * served; then there are no new connections, and running requests are answered, all within one
 * countdown (cli section 8). Used on a control thread.
 */
final class Drain {
    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final InferenceServer inference;
    private final Optional<HttpFrontend> http;
    private final Optional<GrpcFrontend> grpc;
    private final Optional<SageMakerFrontend> sagemaker;
    private final Optional<VertexFrontend> vertex;

    Drain(
            InferenceServer inference,
            Optional<HttpFrontend> http,
            Optional<GrpcFrontend> grpc,
            Optional<SageMakerFrontend> sagemaker,
            Optional<VertexFrontend> vertex) {
        this.inference = inference;
        this.http = http;
        this.grpc = grpc;
        this.sagemaker = sagemaker;
        this.vertex = vertex;
    }

    /** Serves for so long, and tells clients to go elsewhere. */
    void delay(Duration delay) {
        if (delay.isZero()) {
            return;
        }
        log.info("not ready any more, serving for another {} s", delay.toSeconds());
        http.ifPresent(HttpFrontend::leave);
        sagemaker.ifPresent(SageMakerFrontend::leave);
        vertex.ifPresent(VertexFrontend::leave);
        long end = System.nanoTime() + delay.toNanos();
        long left = delay.toNanos();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = end - System.nanoTime();
        }
    }

    /**
     * Waits for what runs.
     *
     * @throws StatusException INTERNAL if something still runs after {@code seconds}
     */
    void await(int seconds) {
        log.info("Waiting for in-flight requests to complete.");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        http.ifPresent(frontend -> closing.add(frontend.stop()));
        sagemaker.ifPresent(frontend -> closing.add(frontend.stop()));
        vertex.ifPresent(frontend -> closing.add(frontend.stop()));
        try {
            if (grpc.isPresent()) {
                grpc.get().shutdown(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
            }
            CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new))
                    .get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            log.error("Timeout {}: Found {} requests in flight", seconds, inference.inFlight(), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a front end did not stop", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        awaitEndOfRequests(end);
        if (inference.inFlight() > 0) {
            throw new StatusException(
                    StatusCode.INTERNAL, "Exit timeout expired. Exiting immediately.");
        }
    }

    /** A client may have its answer and be gone before the thread that gave it has counted it. */
    private void awaitEndOfRequests(long end) {
        while (inference.inFlight() > 0
                && System.nanoTime() < end
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
