package io.nereid.protocol;

/**
 * The only way back for answers. Exactly one call ends a request: {@code send} with {@code last},
 * {@code complete} or {@code fail}; later calls are a broken invariant. Methods are called on any
 * thread, in order for one request; they never block and never throw.
 */
public interface ResponseSender {
    /** Sends a response; {@code last} ends the request. */
    void send(@Owned InferenceResponse response, boolean last);

    /** Ends the request without a further response (decoupled models). */
    void complete();

    /** Ends the request with an error. */
    void fail(StatusException status);
}
