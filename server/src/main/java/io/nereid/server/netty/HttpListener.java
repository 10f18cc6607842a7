package io.nereid.server.netty;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An open HTTP port with its connections. May be used from any thread except the event loops, for
 * {@link #close} waits for them.
 */
public final class HttpListener implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final long CLOSE_SECONDS = 10;

    private final Channel channel;
    private final Connections connections;
    private final ConnectionLimit limit;

    private HttpListener(Channel channel, Connections connections, ConnectionLimit limit) {
        this.channel = channel;
        this.connections = connections;
        this.limit = limit;
    }

    /**
     * Opens a port with {@link ListenerOptions#DEFAULT} and serves it.
     *
     * @throws StatusException UNAVAILABLE {@code Socket '...' already in use } if it cannot be had
     */
    public static HttpListener open(
            ListenAddress address, Transport transport, InferenceServer server, HttpRoutes routes) {
        return open(address, transport, server, routes, ListenerOptions.DEFAULT);
    }

    /**
     * Opens a port and serves it.
     *
     * @throws StatusException UNAVAILABLE {@code Socket '...' already in use } if it cannot be had
     */
    public static HttpListener open(
            ListenAddress address,
            Transport transport,
            InferenceServer server,
            HttpRoutes routes,
            ListenerOptions options) {
        Connections connections = new Connections(options.lastCall());
        ConnectionLimit limit = new ConnectionLimit(options.maxConnections());
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(transport.eventLoops())
                        .channel(transport.channelClass())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.RECVBUF_ALLOCATOR, transport.receiving())
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childHandler(
                                new HttpPipeline(server, routes, options, connections, limit));
        if (address.reusePort()) {
            bootstrap.option(transport.reusePortOption(), true);
        }
        ChannelFuture bound = bootstrap.bind(address.toSocketAddress()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "Socket '" + address + "' already in use ",
                    bound.cause());
        }
        return new HttpListener(bound.channel(), connections, limit);
    }

    /** The port that is open; a real one also if any free one was asked for. */
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Connections that are open now. */
    public int connections() {
        return connections.count();
    }

    /** Connections that were closed as they came because too many were open. */
    public long refusedConnections() {
        return limit.refused();
    }

    /**
     * Lets clients know that they should go elsewhere, while everything is served as before: each
     * answer over HTTP/1.1 is the last one of its connection.
     */
    public void leave() {
        connections.leave();
    }

    /**
     * Begins a graceful stop: no new connections, running requests are finished and answered, then
     * their connections are closed; idle ones a moment later, for what is on its way already. No
     * connection is served after this returns that was not open before.
     *
     * @return completes when no connection is left
     */
    public CompletableFuture<Void> stop() {
        channel.close().awaitUninterruptibly();
        return connections.stop();
    }

    /** Closes everything now and waits until that is done; running requests are cancelled. */
    @Override
    public void close() {
        CompletableFuture<Void> done = stop();
        connections.closeAll();
        try {
            channel.closeFuture().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
            done.get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(connections.count() + " connections did not close", e);
        }
    }
}
