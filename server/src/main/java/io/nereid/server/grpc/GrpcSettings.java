package io.nereid.server.grpc;

import java.time.Duration;
import java.util.Optional;

/**
 * Where and how the gRPC port is served (gRPC protocol section 3).
 *
 * @param address {@code --grpc-address}
 * @param port {@code --grpc-port}; 0 for any free one
 * @param keepaliveTime {@code --grpc-keepalive-time}, idle time after which a connection is pinged
 * @param keepaliveTimeout {@code --grpc-keepalive-timeout}, longest wait for the answer to a ping
 * @param keepalivePermitWithoutCalls {@code --grpc-keepalive-permit-without-calls}
 * @param minPingInterval {@code --grpc-http2-min-recv-ping-interval-without-data}, shortest time
 *     between pings of a client
 * @param maxConnectionAge {@code --grpc-max-connection-age}; empty for no limit
 * @param maxConnectionAgeGrace {@code --grpc-max-connection-age-grace}; empty for no limit
 */
public record GrpcSettings(
        String address,
        int port,
        Duration keepaliveTime,
        Duration keepaliveTimeout,
        boolean keepalivePermitWithoutCalls,
        Duration minPingInterval,
        Optional<Duration> maxConnectionAge,
        Optional<Duration> maxConnectionAgeGrace) {
    /** The defaults of all flags but address and port. */
    public static GrpcSettings at(String address, int port) {
        return new GrpcSettings(
                address,
                port,
                Duration.ofHours(2),
                Duration.ofSeconds(20),
                false,
                Duration.ofMinutes(5),
                Optional.empty(),
                Optional.empty());
    }
}
