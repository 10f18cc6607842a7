package io.nereid.load.client.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.nereid.load.client.Loop;
import io.nereid.load.client.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The connections of one loop; some lanes share one. Opened on the loop, closed anywhere. */
final class Channels {
    /** Lanes that share a connection, as calls of perf_analyzer's client do. */
    private static final int LANES = 6;

    private static final int FLOW_CONTROL_BYTES = 16 * 1024 * 1024;
    private static final long PATIENCE_SECONDS = 2;

    private final Target target;
    private final Loop loop;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private int lanes;

    Channels(Target target, Loop loop) {
        this.target = target;
        this.loop = loop;
    }

    /** A connection for one more lane, borrowed. */
    synchronized ManagedChannel next() {
        if (lanes++ % LANES == 0) {
            channels.add(
                    NettyChannelBuilder.forAddress(target.host(), target.port())
                            .usePlaintext()
                            .directExecutor()
                            .eventLoopGroup(loop.group())
                            .channelType(Loop.channelType())
                            .flowControlWindow(FLOW_CONTROL_BYTES)
                            .maxInboundMessageSize(Integer.MAX_VALUE)
                            .disableRetry()
                            .build());
        }
        return channels.getLast();
    }

    synchronized void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        try {
            for (ManagedChannel channel : channels) {
                boolean _ = channel.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
