package io.nereid.server.netty;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.StandardSocketOptions;

/**
 * The event loops that all front ends share. Whoever made the group shuts it down, after the front
 * ends.
 *
 * @param eventLoops accept connections and serve them
 * @param channelClass kind of listening channel that fits the loops
 */
public record Transport(EventLoopGroup eventLoops, Class<? extends ServerChannel> channelClass) {
    private static final int LEAST_RECEIVED = 64;
    private static final int RECEIVED_AT_FIRST = 2 << 10;

    /** Most bytes that a connection receives at a time. */
    static final int MOST_RECEIVED = 512 << 10;

    private static final int READS_PER_TURN = 4;

    /** An answer of so many bytes costs less to copy than to hand to the socket in parts. */
    public static final int SMALL_BYTES = 2 << 10;

    /**
     * How much connections receive at a time: as much as has come lately. With up to 512 KiB a
     * large body costs a tenth less than with Netty's 64 KiB; the others have their turn after four
     * such reads.
     */
    public RecvByteBufAllocator receiving() {
        return new AdaptiveRecvByteBufAllocator(LEAST_RECEIVED, RECEIVED_AT_FIRST, MOST_RECEIVED)
                .maxMessagesPerRead(READS_PER_TURN);
    }

    /** The option that lets several processes listen at one port. */
    public ChannelOption<Boolean> reusePortOption() {
        if (NioServerSocketChannel.class.isAssignableFrom(channelClass)) {
            return NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT);
        }
        return ChannelOption.valueOf("io.netty.channel.unix.UnixChannelOption#SO_REUSEPORT");
    }
}
