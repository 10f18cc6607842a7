package io.nereid.protocol;

import java.util.Optional;

/**
 * Told of what happens to one request on its way; traces and the access log attach here (metrics
 * section 11). A request that nobody watches carries {@link #NONE}, which does nothing.
 *
 * <p>Methods are called in the order in which they stand here, by one thread at a time, and never
 * block or throw. What they are given is borrowed for the call.
 */
public interface RequestTrace {
    /** Of a request that nobody watches. */
    RequestTrace NONE = new NoTrace();

    /** The request has been checked and is about to be handed to its model. */
    void started(InferenceRequest request);

    /** The request has entered a queue, at {@code nanos} of the scheduler's clock. */
    void queued(long nanos);

    /** The request has been executed, from {@code startNanos} of the scheduler's clock on. */
    void computed(long startNanos, ComputeNanos compute);

    /** A response is about to be passed on. */
    void responded(InferenceResponse response);

    /**
     * The request has ended; nothing comes after this.
     *
     * @param failure why, if it was not answered
     */
    void ended(Optional<StatusException> failure);

    /** Of a request that this one causes, as an ensemble does for its steps. Any thread. */
    RequestTrace child(String modelName, long version);

    /** What log lines name it by; empty if it is not traced. Any thread. */
    String traceId();

    /** Tells both; it is named as the first that has a name. */
    static RequestTrace both(RequestTrace first, RequestTrace second) {
        if (first.equals(NONE)) {
            return second;
        }
        return second.equals(NONE) ? first : new BothTraces(first, second);
    }
}
