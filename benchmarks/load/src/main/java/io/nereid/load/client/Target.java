package io.nereid.load.client;

import io.nereid.protocol.StatusException;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where a server is.
 *
 * @param path what stands in front of {@code /v2}, without a slash at its end; mostly empty
 */
public record Target(String host, int port, String path) {
    private static final String SCHEME_END = "://";

    /**
     * Reads {@code [http://|grpc://]host[:port][/path]}.
     *
     * @throws StatusException INVALID_ARG if it is nothing of that kind
     */
    public static Target parse(String url, int defaultPort) {
        String full = url.contains(SCHEME_END) ? url : "http" + SCHEME_END + url;
        try {
            URI uri = new URI(full);
            String host = uri.getHost();
            String scheme = uri.getScheme();
            if (host == null || !(scheme.equals("http") || scheme.equals("grpc"))) {
                throw unusable(url);
            }
            String path = uri.getRawPath();
            return new Target(
                    host,
                    uri.getPort() < 0 ? defaultPort : uri.getPort(),
                    path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
        } catch (URISyntaxException e) {
            throw unusable(url);
        }
    }

    private static StatusException unusable(String url) {
        return StatusException.invalidArgument(
                "cannot use '" + url + "' as the server's address: expected host:port");
    }

    /** {@code host:port}. */
    public String authority() {
        return host + ":" + port;
    }
}
