package io.nereid.server.access;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Writes a line for each call of a client when it has ended. Never blocks. Any thread. */
public interface AccessLog {
    /** Writes nothing. */
    AccessLog NONE =
            new AccessLog() {
                @Override
                public boolean isOn() {
                    return false;
                }

                @Override
                public AccessRecord begin(
                        String protocol, String method, String target, String client) {
                    return AccessRecord.NONE;
                }
            };

    /** Whether anything is written. */
    boolean isOn();

    /**
     * A call that begins now.
     *
     * @param protocol as in {@code HTTP/1.1}, or {@code gRPC}
     * @param method of HTTP, or {@code POST}
     * @param target path or full name of the method
     * @param client its address, from {@link #address}
     */
    AccessRecord begin(String protocol, String method, String target, String client);

    /** The text of a client's address. */
    static String address(@Nullable SocketAddress client) {
        if (!(client instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return client == null ? "-" : client.toString();
        }
        String host = inet.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
    }
}
