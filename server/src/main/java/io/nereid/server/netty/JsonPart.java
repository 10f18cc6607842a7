package io.nereid.server.netty;

import io.nereid.protocol.StatusException;

/**
 * What a client says of where the JSON of an infer body ends (HTTP protocol section 11.2, SageMaker
 * section 6.1).
 */
public sealed interface JsonPart {
    /** The whole body is JSON; an empty one is a raw binary request. */
    record Whole() implements JsonPart {}

    /**
     * A number was given; 0 means a raw binary request.
     *
     * @param length the number
     * @param text how it was given, for the error
     */
    record Announced(long length, String text) implements JsonPart {}

    /**
     * Bytes of JSON at the beginning of a body.
     *
     * @throws StatusException INVALID_ARG if the number does not fit the body
     */
    default long lengthIn(long bodyLength) {
        return switch (this) {
            case Whole _ -> bodyLength;
            case Announced(long length, String text) -> {
                if (length < 0 || length > bodyLength) {
                    throw StatusException.invalidArgument(
                            "inference header size should be in range (0, "
                                    + bodyLength
                                    + "), got: "
                                    + text);
                }
                yield length;
            }
        };
    }
}
