package io.nereid.server.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
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
    /** The option that lets several processes listen at one port. */
    public ChannelOption<Boolean> reusePortOption() {
        if (NioServerSocketChannel.class.isAssignableFrom(channelClass)) {
            return NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT);
        }
        return ChannelOption.valueOf("io.netty.channel.unix.UnixChannelOption#SO_REUSEPORT");
    }
}
