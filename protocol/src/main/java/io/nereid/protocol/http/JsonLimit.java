package io.nereid.protocol.http;

import io.nereid.protocol.StatusException;

/** The limit on JSON texts (HTTP protocol section 11.8). */
final class JsonLimit {
    private JsonLimit() {}

    /**
     * Refuses a text that is too long.
     *
     * @param jsonLength in bytes
     * @param maxInputSize {@code --http-max-input-size}, in bytes
     * @throws StatusException INVALID_ARG if it is over the limit
     */
    static void check(long jsonLength, long maxInputSize) {
        if (jsonLength > maxInputSize) {
            throw StatusException.invalidArgument(
                    "request JSON size of "
                            + jsonLength
                            + " bytes exceeds the maximum allowed input size of "
                            + maxInputSize
                            + " bytes. Use --http-max-input-size to increase the limit.");
        }
    }
}
