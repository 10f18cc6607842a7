package io.nereid.load.client.http;

import io.nereid.load.client.Loop;
import io.nereid.load.client.RequestSet;
import io.nereid.load.client.Target;
import io.nereid.load.client.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.List;

/** Lanes over HTTP/1.1, a connection each. */
public final class HttpTransport implements Transport {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int SMALLEST_READ = 512;
    private static final int FIRST_READ = 4 * 1024;
    private static final int LARGEST_READ = 1024 * 1024;

    private final Target target;
    private final List<EncodedRequest> requests;

    /** Encodes the requests. */
    public HttpTransport(Target target, RequestSet set) {
        this.target = target;
        this.requests = new RequestEncoder(target, set).encode();
    }

    @Override
    public void openLane(Loop loop, Opening opening) {
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loop.group())
                        .channel(Loop.channelType())
                        .remoteAddress(new InetSocketAddress(target.host(), target.port()))
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new AdaptiveRecvByteBufAllocator(
                                        SMALLEST_READ, FIRST_READ, LARGEST_READ));
        new HttpLane(bootstrap, requests).open(opening);
    }

    @Override
    public void close() {
        requests.forEach(EncodedRequest::close);
    }
}
