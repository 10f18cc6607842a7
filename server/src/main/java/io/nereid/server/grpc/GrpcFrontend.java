package io.nereid.server.grpc;

import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.nereid.server.InferenceServer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the gRPC port (gRPC protocol sections 1 to 4, 8 to 11 and 15). Calls run on the event
 * loops; start and shutdown are called on a control thread.
 */
public final class GrpcFrontend {
    private static final Logger log = LoggerFactory.getLogger(GrpcFrontend.class);
    private static final Duration FORCED_STOP = Duration.ofSeconds(5);

    private final GrpcSettings settings;
    private final ActiveCalls calls = new ActiveCalls();
    private final Server server;

    /**
     * @param group event loops of all front ends; stays the caller's and must outlive this front
     *     end
     * @param channelType kind of server channel that fits the event loops
     */
    public GrpcFrontend(
            InferenceServer server,
            GrpcSettings settings,
            EventLoopGroup group,
            Class<? extends ServerChannel> channelType) {
        this.settings = settings;
        ModelInferHandler infer = new ModelInferHandler(server, calls, group);
        this.server =
                builder(settings, group, channelType)
                        .addService(new InferenceService(server, infer).definition())
                        .addService(new HealthService(server).definition())
                        .build();
    }

    private static NettyServerBuilder builder(
            GrpcSettings settings,
            EventLoopGroup group,
            Class<? extends ServerChannel> channelType) {
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(settings.address(), settings.port()))
                        .bossEventLoopGroup(group)
                        .workerEventLoopGroup(group)
                        .channelType(channelType)
                        .directExecutor()
                        .maxInboundMessageSize(Integer.MAX_VALUE)
                        .decompressorRegistry(
                                DecompressorRegistry.getDefaultInstance().with(new Deflate(), true))
                        .keepAliveTime(settings.keepaliveTime().toMillis(), TimeUnit.MILLISECONDS)
                        .keepAliveTimeout(
                                settings.keepaliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
                        .permitKeepAliveWithoutCalls(settings.keepalivePermitWithoutCalls())
                        .permitKeepAliveTime(
                                settings.minPingInterval().toMillis(), TimeUnit.MILLISECONDS);
        settings.maxConnectionAge()
                .ifPresent(age -> builder.maxConnectionAge(age.toMillis(), TimeUnit.MILLISECONDS));
        settings.maxConnectionAgeGrace()
                .ifPresent(grace ->
                        builder.maxConnectionAgeGrace(grace.toMillis(), TimeUnit.MILLISECONDS));
        return builder;
    }

    /**
     * Opens the port.
     *
     * @throws BindException if the port cannot be had
     */
    public void start() throws BindException {
        try {
            server.start();
        } catch (IOException e) {
            BindException failure =
                    new BindException(
                            "Socket '"
                                    + settings.address()
                                    + ":"
                                    + settings.port()
                                    + "' already in use ");
            failure.initCause(e);
            throw failure;
        }
        log.info("grpc inference service listens at {}:{}", settings.address(), port());
    }

    /** The port that is served; known after {@link #start}. */
    public int port() {
        return server.getPort();
    }

    /** From now on refuses to infer; all else is answered until {@link #shutdown}. */
    public void stopAccepting() {
        calls.refuseNew();
    }

    /**
     * Refuses new requests, waits for those that run, and closes the port and all connections. What
     * still runs at the deadline is cancelled. Blocks.
     *
     * @param deadline longest wait for running requests
     */
    public void shutdown(Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        stopAccepting();
        boolean idle = calls.awaitIdle(deadline);
        server.shutdown();
        long left = Math.max(0, end - System.nanoTime());
        if (!idle || !server.awaitTermination(left, TimeUnit.NANOSECONDS)) {
            server.shutdownNow();
            if (!server.awaitTermination(FORCED_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("grpc connections did not close within {}", FORCED_STOP);
            }
        }
        log.info("grpc inference service stopped");
    }
}
