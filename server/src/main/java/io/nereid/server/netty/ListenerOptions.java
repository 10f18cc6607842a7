package io.nereid.server.netty;

import io.nereid.server.security.TlsCertificates;
import java.time.Duration;
import java.util.Optional;

/**
 * What an HTTP port grants its clients.
 *
 * @param maxConnections open at a time; more are closed as they come
 * @param headTime longest time from the first to the last byte of a request head
 * @param handshakeTime longest time of a TLS handshake
 * @param lastCall how long connections on which nothing runs stay open when the server stops, for
 *     requests that are on their way already
 * @param tls certificates, which stay the caller's; empty for plain HTTP
 */
public record ListenerOptions(
        int maxConnections,
        Duration headTime,
        Duration handshakeTime,
        Duration lastCall,
        Optional<TlsCertificates> tls) {
    private static final Duration HEAD_TIME = Duration.ofSeconds(60);
    private static final Duration HANDSHAKE_TIME = Duration.ofSeconds(15);
    private static final Duration LAST_CALL = Duration.ofMillis(250);

    /** Plain HTTP for as many clients as {@code --http-max-connections} says by default. */
    public static final ListenerOptions DEFAULT = of(16_384, Optional.empty());

    /** With times that an honest client never comes near. */
    public static ListenerOptions of(int maxConnections, Optional<TlsCertificates> tls) {
        return new ListenerOptions(maxConnections, HEAD_TIME, HANDSHAKE_TIME, LAST_CALL, tls);
    }
}
