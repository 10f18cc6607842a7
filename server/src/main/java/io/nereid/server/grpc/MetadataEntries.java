package io.nereid.server.grpc;

import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The text entries of a call's metadata. Binary ones ({@code -bin}) and those that belong to the
 * protocol itself are left out.
 */
final class MetadataEntries {
    private static final String PROTOCOL_PREFIX = "grpc-";

    private MetadataEntries() {}

    /** The first value of a key, which matches only as it is: keys are lower case. */
    static Optional<String> first(Metadata headers, String name) {
        return isText(name) && headers.keys().contains(name)
                ? Optional.of(values(headers, name).iterator().next())
                : Optional.empty();
    }

    /** All entries that a client may have meant for the model. */
    static List<Map.Entry<String, String>> of(Metadata headers) {
        List<Map.Entry<String, String>> entries = new ArrayList<>();
        for (String name : headers.keys()) {
            if (isText(name) && !isProtocol(name)) {
                values(headers, name).forEach(value -> entries.add(Map.entry(name, value)));
            }
        }
        return List.copyOf(entries);
    }

    private static Iterable<String> values(Metadata headers, String name) {
        return Objects.requireNonNullElse(headers.getAll(key(name)), List.of());
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    private static boolean isText(String name) {
        return !name.endsWith(Metadata.BINARY_HEADER_SUFFIX);
    }

    private static boolean isProtocol(String name) {
        return name.startsWith(PROTOCOL_PREFIX) || name.equals("te") || name.equals("content-type");
    }
}
