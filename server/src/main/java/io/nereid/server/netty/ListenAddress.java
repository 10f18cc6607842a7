package io.nereid.server.netty;

import java.net.InetSocketAddress;

/**
 * Where a front end listens.
 *
 * @param host address or name; also {@code ipv6:[::1]} (HTTP protocol section 1)
 * @param port port, 0 for any free one
 * @param reusePort whether other processes may listen there too
 */
public record ListenAddress(String host, int port, boolean reusePort) {
    /** The address in the form that sockets take. */
    public InetSocketAddress toSocketAddress() {
        String bare = host.startsWith("ipv6:") ? host.substring("ipv6:".length()) : host;
        if (bare.startsWith("[") && bare.endsWith("]")) {
            bare = bare.substring(1, bare.length() - 1);
        }
        return new InetSocketAddress(bare, port);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
