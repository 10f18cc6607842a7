package io.nereid.protocol.grpc;

import io.nereid.protocol.StatusException;

/**
 * What arrived for {@code ModelInfer}. gRPC offers a parser no way to refuse a message with a
 * status, so a refusal travels in the place of the message.
 */
public sealed interface Received permits ModelInferMessage, Received.Refused {
    /** There is no message: its bytes are malformed, or there is no room for it. */
    record Refused(StatusException status) implements Received {}
}
