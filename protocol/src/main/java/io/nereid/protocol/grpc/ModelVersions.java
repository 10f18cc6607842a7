package io.nereid.protocol.grpc;

import io.nereid.protocol.StatusException;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Version fields of messages (gRPC protocol section 4). */
public final class ModelVersions {
    /** What C's {@code stol} takes: blanks, a sign, digits; the rest is ignored. */
    private static final Pattern NUMBER =
            Pattern.compile("[ \\t\\n\\x0B\\f\\r]*([+-]?[0-9]+).*", Pattern.DOTALL);

    private ModelVersions() {}

    /**
     * The version that a text asks for, empty for the newest that is ready.
     *
     * @throws StatusException INVALID_ARG if the text does not begin with a number of at least 0
     */
    public static OptionalLong parse(String text) {
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        long version = number(text);
        if (version < 0) {
            throw StatusException.invalidArgument(
                    "invalid model version specified '"
                            + text
                            + "' , version should be an integral value > 0");
        }
        return OptionalLong.of(version);
    }

    private static long number(String text) {
        Matcher matcher = NUMBER.matcher(text);
        if (matcher.matches()) {
            try {
                return Long.parseLong(matcher.group(1));
            } catch (NumberFormatException e) {
                // Out of range, which the reference reports in the same words.
                throw notANumber(text);
            }
        }
        throw notANumber(text);
    }

    private static StatusException notANumber(String text) {
        return StatusException.invalidArgument(
                "failed to get model version from specified version string '"
                        + text
                        + "' (details: stol), version should be an integral value > 0");
    }
}
