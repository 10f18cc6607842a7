package io.nereid.server.main;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A server as a load balancer knows it: its ports, and whether it was ready when last probed. */
final class Upstream implements AutoCloseable {
    private static final int PROBE_MILLIS = 50;

    private final int port;
    private final ManagedChannel channel;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong retried = new AtomicLong();
    private volatile boolean ready;

    Upstream(int port, int grpcPort) {
        this.port = port;
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", grpcPort)
                        .usePlaintext()
                        .disableRetry()
                        .build();
        this.ready = MainProcess.isReady(port);
        Thread.ofVirtual().start(this::probe);
    }

    private void probe() {
        try {
            while (!closed.await(PROBE_MILLIS, TimeUnit.MILLISECONDS)) {
                boolean before = ready;
                ready = MainProcess.isReady(port);
                if (ready && !before) {
                    channel.resetConnectBackoff();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    int port() {
        return port;
    }

    ManagedChannel channel() {
        return channel;
    }

    boolean isReady() {
        return ready;
    }

    void countAnswer() {
        answered.incrementAndGet();
    }

    long answered() {
        return answered.get();
    }

    void countRetry() {
        retried.incrementAndGet();
    }

    long retried() {
        return retried.get();
    }

    @Override
    public void close() {
        closed.countDown();
        channel.shutdownNow();
    }
}
