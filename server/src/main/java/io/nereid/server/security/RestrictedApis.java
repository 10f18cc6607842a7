package io.nereid.server.security;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Endpoints that only answer to whoever knows a secret (http section 19, grpc section 16).
 * Immutable; may be used from any thread.
 *
 * @param required header and value by category; categories that are not named are open
 */
public record RestrictedApis(Map<ApiCategory, Header> required) {
    /** Everything is open. */
    public static final RestrictedApis NONE = new RestrictedApis(Map.of());

    /** Copies the map. */
    public RestrictedApis {
        required = Map.copyOf(required);
    }

    /**
     * What a request must carry.
     *
     * @param name of a header or a metadata key
     * @param value the whole value
     */
    public record Header(String name, String value) {}

    /**
     * The header that a request should carry and does not; empty if it may pass.
     *
     * @param headers gives the request's first header of a name
     */
    public Optional<Header> missing(
            ApiCategory category, Function<String, Optional<String>> headers) {
        Header header = required.get(category);
        if (header == null
                || headers.apply(header.name()).filter(header.value()::equals).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(header);
    }
}
