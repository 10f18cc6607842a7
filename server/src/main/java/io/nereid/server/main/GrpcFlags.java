package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import io.nereid.server.security.HeaderForwarding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags of the gRPC port (cli section 2). */
final class GrpcFlags {
    @Option(
            names = "--allow-grpc",
            converter = OptionValues.Bool.class,
            description = "Serve gRPC. Default: true, but false on Vertex AI.")
    Optional<Boolean> allow = Optional.empty();

    @Option(names = "--grpc-address", description = "Address to listen on.")
    String address = "0.0.0.0";

    @Option(
            names = "--grpc-port",
            converter = OptionValues.Int.class,
            description = "Port to listen on.")
    int port = 8001;

    @Option(
            names = "--reuse-grpc-port",
            converter = OptionValues.Bool.class,
            description = "Let other processes listen on the port too.")
    boolean reusePort;

    @Option(
            names = "--grpc-keepalive-time",
            converter = OptionValues.Long64.class,
            description = "Milliseconds of silence after which a ping is sent.")
    long keepaliveTime = 7_200_000;

    @Option(
            names = "--grpc-keepalive-timeout",
            converter = OptionValues.Long64.class,
            description = "Milliseconds to wait for the answer to a ping.")
    long keepaliveTimeout = 20_000;

    @Option(
            names = "--grpc-keepalive-permit-without-calls",
            converter = OptionValues.Bool.class,
            description = "Ping also without calls.")
    boolean keepalivePermitWithoutCalls;

    @Option(
            names = "--grpc-http2-min-recv-ping-interval-without-data",
            converter = OptionValues.Long64.class,
            description = "Milliseconds that must lie between a client's pings.")
    long minReceivePingInterval = 300_000;

    @Option(
            names = "--grpc-max-connection-age",
            converter = OptionValues.Long64.class,
            description = "Milliseconds after which a connection is closed gracefully.")
    long maxConnectionAge;

    @Option(
            names = "--grpc-max-connection-age-grace",
            converter = OptionValues.Long64.class,
            description = "Milliseconds that calls then have to finish.")
    long maxConnectionAgeGrace;

    @Option(
            names = "--grpc-infer-thread-count",
            converter = OptionValues.Int.class,
            description = "Accepted from 2 to 128, without effect: threads follow the cores.")
    int inferThreads = 2;

    @Option(
            names = "--grpc-max-response-pool-size",
            converter = OptionValues.Int.class,
            description = "Most responses of a stream that wait to be written.")
    int maxResponsePoolSize = Integer.MAX_VALUE;

    @Option(
            names = "--grpc-infer-response-compression-level",
            description = "Compression of inference responses: none, low, medium, high.")
    String compression = "none";

    @Option(
            names = "--grpc-header-forward-pattern",
            description = "Regular expression of metadata that models get as parameters.")
    String forwardPattern = "";

    @Option(
            names = "--grpc-restricted-protocol",
            description =
                    "<protocol>,<protocol>,...:<key>=<value>: these protocols ask for the metadata"
                            + " triton-grpc-protocol-<key>. Repeatable.")
    List<String> restricted = new ArrayList<>();

    @Option(
            names = "--grpc-use-ssl",
            converter = OptionValues.Bool.class,
            description = "Serve gRPC over TLS.")
    boolean ssl;

    @Option(
            names = "--grpc-use-ssl-mutual",
            description = "Serve clients with a certificate of --grpc-root-cert. Any value does.")
    Optional<String> sslMutual = Optional.empty();

    @Option(names = "--grpc-server-cert", description = "PEM file with the certificate chain.")
    String certificate = "";

    @Option(names = "--grpc-server-key", description = "PEM file with the private key.")
    String key = "";

    @Option(names = "--grpc-root-cert", description = "PEM file with authorities of clients.")
    String rootCertificate = "";

    /**
     * @throws IllegalArgumentException with the text for the user
     */
    ServerOptions.Grpc options(boolean allowedByDefault) {
        if (inferThreads < 2 || inferThreads > 128) {
            throw new IllegalArgumentException(
                    "invalid argument for --grpc_infer_thread_count. Must be in the range 2 to"
                            + " 128.");
        }
        if (maxResponsePoolSize <= 0) {
            throw new IllegalArgumentException(
                    "Error: --grpc-max-response-pool-size must be greater than 0.");
        }
        return new ServerOptions.Grpc(
                allow.orElse(allowedByDefault),
                address,
                port,
                reusePort,
                new ServerOptions.Keepalive(
                        keepaliveTime,
                        keepaliveTimeout,
                        keepalivePermitWithoutCalls,
                        minReceivePingInterval,
                        maxConnectionAge,
                        maxConnectionAgeGrace),
                maxResponsePoolSize,
                compression(),
                Restrictions.grpc(restricted),
                HeaderForwarding.of(forwardPattern),
                new TlsFlags(ssl, sslMutual.isPresent(), certificate, key, rootCertificate)
                        .options("grpc"));
    }

    private ServerOptions.Compression compression() {
        return switch (compression.toLowerCase(Locale.ROOT)) {
            case "none" -> ServerOptions.Compression.NONE;
            case "low" -> ServerOptions.Compression.LOW;
            case "medium" -> ServerOptions.Compression.MEDIUM;
            case "high" -> ServerOptions.Compression.HIGH;
            default ->
                    throw new IllegalArgumentException(
                            "invalid argument for --grpc_infer_response_compression_level");
        };
    }
}
