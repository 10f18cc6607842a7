package io.nereid.server.main;

import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.RestrictedApis;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Reads the flags that restrict endpoints (cli section 2.1). */
final class Restrictions {
    private final String flag;
    private final String noun;
    private final String headerPrefix;

    private Restrictions(String flag, String noun, String headerPrefix) {
        this.flag = flag;
        this.noun = noun;
        this.headerPrefix = headerPrefix;
    }

    /** Values of {@code --http-restricted-api}. */
    static RestrictedApis http(List<String> values) {
        return new Restrictions("--http-restricted-api", "restricted api", "").read(values);
    }

    /** Values of {@code --grpc-restricted-protocol}. */
    static RestrictedApis grpc(List<String> values) {
        return new Restrictions(
                        "--grpc-restricted-protocol",
                        "restricted protocol",
                        "triton-grpc-protocol-")
                .read(values);
    }

    /**
     * @throws IllegalArgumentException with the text for the user
     */
    private RestrictedApis read(List<String> values) {
        Map<ApiCategory, RestrictedApis.Header> required = new EnumMap<>(ApiCategory.class);
        for (String value : values) {
            int colon = value.indexOf(':');
            int equals = value.indexOf('=', colon + 1);
            if (colon < 0 || equals < 0) {
                throw new IllegalArgumentException(
                        flag + " option format is '<config name>:<setting>=<value>'. Got " + value);
            }
            RestrictedApis.Header header =
                    new RestrictedApis.Header(
                            headerPrefix + value.substring(colon + 1, equals),
                            value.substring(equals + 1));
            for (String name : value.substring(0, colon).split(",", -1)) {
                ApiCategory category =
                        ApiCategory.of(name)
                                .orElseThrow(() ->
                                        new IllegalArgumentException(
                                                "unknown " + noun + " '" + name + "' "));
                if (required.put(category, header) != null) {
                    throw new IllegalArgumentException(
                            noun
                                    + " '"
                                    + name
                                    + "' can not be specified in multiple config groups");
                }
            }
        }
        return new RestrictedApis(required);
    }
}
