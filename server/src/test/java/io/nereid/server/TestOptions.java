package io.nereid.server;

import io.nereid.server.measures.MeasureSettings;
import io.nereid.server.security.HeaderForwarding;
import io.nereid.server.security.RestrictedApis;
import io.nereid.server.trace.TraceOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Options as they are by default, on free ports of loopback. */
public final class TestOptions {
    private TestOptions() {}

    public static ServerOptions.General general() {
        return new ServerOptions.General(
                "triton",
                new ServerOptions.Stopping(Duration.ZERO, 10),
                AdmissionLimits.ofBytes(1L << 30),
                Duration.ZERO,
                false);
    }

    public static ServerOptions.Http http(boolean reusePort, long maxInputSize) {
        return http(reusePort, maxInputSize, RestrictedApis.NONE, HeaderForwarding.NONE, List.of());
    }

    public static ServerOptions.Http http(
            boolean reusePort,
            long maxInputSize,
            RestrictedApis restricted,
            HeaderForwarding forwarding,
            List<String> corsOrigins) {
        return new ServerOptions.Http(
                true,
                "127.0.0.1",
                0,
                reusePort,
                maxInputSize,
                1024,
                restricted,
                forwarding,
                corsOrigins,
                Optional.empty());
    }

    public static ServerOptions.Grpc grpc(int port) {
        return grpc(port, RestrictedApis.NONE, HeaderForwarding.NONE);
    }

    public static ServerOptions.Grpc grpc(int port, ServerOptions.Tls tls) {
        ServerOptions.Grpc plain = grpc(port);
        return new ServerOptions.Grpc(
                plain.allow(),
                plain.address(),
                plain.port(),
                plain.reusePort(),
                plain.keepalive(),
                plain.maxResponsePoolSize(),
                plain.compression(),
                plain.restricted(),
                plain.forwarding(),
                Optional.of(tls));
    }

    public static ServerOptions.Grpc grpc(
            int port, RestrictedApis restricted, HeaderForwarding forwarding) {
        return grpc(
                port, restricted, forwarding, ServerOptions.Compression.NONE, Integer.MAX_VALUE);
    }

    public static ServerOptions.Grpc grpc(
            int port,
            RestrictedApis restricted,
            HeaderForwarding forwarding,
            ServerOptions.Compression compression,
            int maxResponsePoolSize) {
        return new ServerOptions.Grpc(
                true,
                "127.0.0.1",
                port,
                false,
                new ServerOptions.Keepalive(7_200_000, 20_000, false, 300_000, 0, 0),
                maxResponsePoolSize,
                compression,
                restricted,
                forwarding,
                Optional.empty());
    }

    public static TraceOptions trace() {
        return new TraceOptions("triton", Set.of(), 1000, -1, 0, "", Map.of());
    }

    public static ServerOptions.Metrics metrics() {
        return metrics(MeasureSettings.DEFAULT);
    }

    public static ServerOptions.Metrics metrics(MeasureSettings measures) {
        return new ServerOptions.Metrics(
                true,
                "127.0.0.1",
                0,
                Duration.ofSeconds(2),
                true,
                true,
                false,
                measures,
                List.of());
    }

    public static ServerOptions.Vertex noVertex() {
        return new ServerOptions.Vertex(
                false, 0, Optional.empty(), Optional.empty(), Optional.empty());
    }
}
