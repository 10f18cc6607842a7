package io.nereid.server.security;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.StatusException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Hands chosen headers of a request to the model as parameters (http section 18, grpc section 16).
 * Immutable; may be used from any thread.
 */
public final class HeaderForwarding {
    /** Forwards nothing. */
    public static final HeaderForwarding NONE = new HeaderForwarding(Optional.empty());

    private static final Set<String> RESERVED =
            Set.of(
                    "sequence_id",
                    "sequence_start",
                    "sequence_end",
                    "priority",
                    "timeout",
                    "headers",
                    "binary_data_output");
    private static final String RESERVED_PREFIX = "triton_";

    private final Optional<Pattern> pattern;

    private HeaderForwarding(Optional<Pattern> pattern) {
        this.pattern = pattern;
    }

    /**
     * Forwards headers whose name the pattern matches anywhere, letter case aside unless the
     * pattern says {@code (?-i)}.
     *
     * @param regex a regular expression; empty to forward nothing
     * @throws java.util.regex.PatternSyntaxException if it is none
     */
    public static HeaderForwarding of(String regex) {
        return regex.isEmpty()
                ? NONE
                : new HeaderForwarding(
                        Optional.of(Pattern.compile(regex, Pattern.CASE_INSENSITIVE)));
    }

    /**
     * Adds the parameters.
     *
     * @param headers names as received and values, in order
     * @throws StatusException INVALID_ARG if a matching name is reserved
     */
    public void forward(
            Iterable<? extends Map.Entry<String, String>> headers, InferenceRequest request) {
        if (pattern.isEmpty()) {
            return;
        }
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey();
            if (!pattern.get().matcher(name).find()) {
                continue;
            }
            if (RESERVED.contains(name) || name.startsWith(RESERVED_PREFIX)) {
                throw StatusException.invalidArgument(
                        "Header '"
                                + name
                                + "' is reserved for Triton usage and cannot be forwarded.");
            }
            request.setParameter(name, new Parameter.StringValue(header.getValue()));
        }
    }
}
