package io.nereid.server.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The event loops of all front ends: epoll where it can be had, else the JDK's selectors. */
public final class EventLoops implements AutoCloseable {
    private static final long QUIET_MILLIS = 0;
    private static final long LIMIT_MILLIS = 5_000;

    private final Transport transport;

    private EventLoops(Transport transport) {
        this.transport = transport;
        LoopTurns.startOn(transport.eventLoops());
    }

    /** Starts {@code threads} event loops named {@code nereid-io-N}. */
    public static EventLoops open(int threads) {
        DefaultThreadFactory factory = new DefaultThreadFactory("nereid-io");
        if (Epoll.isAvailable()) {
            EventLoopGroup loops =
                    new MultiThreadIoEventLoopGroup(threads, factory, EpollIoHandler.newFactory());
            return new EventLoops(new Transport(loops, EpollServerSocketChannel.class));
        }
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(threads, factory, NioIoHandler.newFactory());
        return new EventLoops(new Transport(loops, NioServerSocketChannel.class));
    }

    /** The loops, for front ends. */
    public Transport transport() {
        return transport;
    }

    /** Ends the loops, after all front ends. */
    @Override
    public void close() {
        transport
                .eventLoops()
                .shutdownGracefully(QUIET_MILLIS, LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .syncUninterruptibly();
    }
}
