package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import java.nio.file.Path;
import java.util.Optional;

/** What the flags of one port say about TLS; mutual TLS implies TLS. */
record TlsFlags(boolean ssl, boolean mutual, String certificate, String key, String root) {

    /**
     * The certificates, if TLS is wanted.
     *
     * @param port {@code http} or {@code grpc}, as in the names of the flags
     * @throws IllegalArgumentException with the text for the user if a file that is needed was not
     *     named
     */
    Optional<ServerOptions.Tls> options(String port) {
        if (!ssl && !mutual) {
            return Optional.empty();
        }
        require(certificate, "--" + port + "-server-cert", port);
        require(key, "--" + port + "-server-key", port);
        if (mutual) {
            require(root, "--" + port + "-root-cert", port);
        }
        return Optional.of(
                new ServerOptions.Tls(
                        Path.of(certificate),
                        Path.of(key),
                        root.isEmpty() ? Optional.empty() : Optional.of(Path.of(root)),
                        mutual));
    }

    private static void require(String value, String flag, String port) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(
                    "Bad option: \"" + flag + "\".\n--" + port + "-use-ssl needs a PEM file here.");
        }
    }
}
