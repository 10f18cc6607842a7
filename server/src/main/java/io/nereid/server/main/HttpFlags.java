package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import io.nereid.server.security.HeaderForwarding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags of the HTTP port (cli section 2). */
final class HttpFlags {
    @Option(
            names = "--allow-http",
            converter = OptionValues.Bool.class,
            description = "Serve HTTP. Default: true, but false on Vertex AI.")
    Optional<Boolean> allow = Optional.empty();

    @Option(names = "--http-address", description = "Address to listen on.")
    String address = "0.0.0.0";

    @Option(
            names = "--http-port",
            converter = OptionValues.Int.class,
            description = "Port to listen on.")
    int port = 8000;

    @Option(
            names = "--reuse-http-port",
            converter = OptionValues.Bool.class,
            description = "Let other processes listen on the port too.")
    boolean reusePort;

    @Option(
            names = "--http-max-input-size",
            converter = OptionValues.Long64.class,
            description = "Most bytes of a JSON part, or of an input converted from JSON.")
    long maxInputSize = 64L << 20;

    @Option(
            names = "--http-max-connections",
            converter = OptionValues.Int.class,
            description = "Most connections open at a time; more are closed as they come.")
    int maxConnections = 16_384;

    @Option(
            names = "--http-header-forward-pattern",
            description = "Regular expression of request headers that models get as parameters.")
    String forwardPattern = "";

    @Option(
            names = "--http-restricted-api",
            description =
                    "<api>,<api>,...:<key>=<value>: these endpoints ask for the header <key>."
                            + " Repeatable.")
    List<String> restricted = new ArrayList<>();

    @Option(
            names = "--http-cors-allow-origin",
            description = "Origin of browser pages that may call this port; * for any. Repeatable.")
    List<String> corsOrigins = new ArrayList<>();

    @Option(
            names = "--http-use-ssl",
            converter = OptionValues.Bool.class,
            description = "Serve HTTPS.")
    boolean ssl;

    @Option(
            names = "--http-use-ssl-mutual",
            converter = OptionValues.Bool.class,
            description = "Serve HTTPS to clients with a certificate of --http-root-cert.")
    boolean sslMutual;

    @Option(names = "--http-server-cert", description = "PEM file with the certificate chain.")
    String certificate = "";

    @Option(names = "--http-server-key", description = "PEM file with the private key.")
    String key = "";

    @Option(names = "--http-root-cert", description = "PEM file with authorities of clients.")
    String rootCertificate = "";

    /**
     * @throws IllegalArgumentException with the text for the user
     */
    ServerOptions.Http options(boolean allowedByDefault) {
        if (maxConnections <= 0) {
            throw new IllegalArgumentException(
                    "Error: --http-max-connections must be greater than 0.");
        }
        return new ServerOptions.Http(
                allow.orElse(allowedByDefault),
                address,
                port,
                reusePort,
                maxInputSize,
                maxConnections,
                Restrictions.http(restricted),
                HeaderForwarding.of(forwardPattern),
                List.copyOf(corsOrigins),
                new TlsFlags(ssl, sslMutual, certificate, key, rootCertificate).options("http"));
    }
}
