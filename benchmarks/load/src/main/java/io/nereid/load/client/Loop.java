package io.nereid.load.client;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** One thread that sends requests and takes answers. May be used from any thread. */
public final class Loop implements AutoCloseable {
    private static final long LIMIT_MILLIS = 2_000;

    private final EventLoopGroup group;
    private final EventLoop loop;

    private Loop(EventLoopGroup group) {
        this.group = group;
        this.loop = group.next();
    }

    /** Starts a thread {@code nereid-bench-N}. */
    public static Loop open() {
        DefaultThreadFactory factory = new DefaultThreadFactory("nereid-bench", true);
        return new Loop(
                new MultiThreadIoEventLoopGroup(
                        1,
                        factory,
                        Epoll.isAvailable()
                                ? EpollIoHandler.newFactory()
                                : NioIoHandler.newFactory()));
    }

    /** Runs a task on the loop: now if this is its thread, else soon. */
    public void execute(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /** Runs a task on the loop after a delay. */
    public void schedule(long delayNanos, Runnable task) {
        var _ = loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** The loop as Netty's clients take it. */
    public EventLoopGroup group() {
        return group;
    }

    /** The kind of sockets that go with it. */
    public static Class<? extends SocketChannel> channelType() {
        return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, LIMIT_MILLIS, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
