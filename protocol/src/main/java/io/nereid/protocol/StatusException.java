package io.nereid.protocol;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What a client is told about a failure; the message is the exact text on the wire. */
public class StatusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final StatusCode code;
    private final int retryAfterSeconds;
    private final boolean overload;

    /** Without a cause yet: engines give it one with {@link #initCause}. */
    public StatusException(StatusCode code, String message) {
        super(message);
        this.code = code;
        this.retryAfterSeconds = 0;
        this.overload = false;
    }

    public StatusException(StatusCode code, String message, Throwable cause) {
        this(code, message, cause, 0, false);
    }

    private StatusException(
            StatusCode code,
            String message,
            @Nullable Throwable cause,
            int retryAfterSeconds,
            boolean overload) {
        super(message, cause);
        this.code = code;
        this.retryAfterSeconds = retryAfterSeconds;
        this.overload = overload;
    }

    /**
     * What can be had a little later: UNAVAILABLE with the time to wait.
     *
     * @param seconds when to ask again, 1 or more
     */
    public static StatusException retryLater(String message, int seconds) {
        return new StatusException(StatusCode.UNAVAILABLE, message, null, seconds, false);
    }

    /**
     * What is refused only because too much is being done already: UNAVAILABLE, unless the server
     * was told to say so with {@link #asTooManyRequests}.
     */
    public static StatusException overloaded(String message) {
        return new StatusException(StatusCode.UNAVAILABLE, message, null, 0, true);
    }

    /** Shorthand for the commonest class. */
    public static StatusException invalidArgument(String message) {
        return new StatusException(StatusCode.INVALID_ARG, message);
    }

    /** Class of the error. */
    public final StatusCode code() {
        return code;
    }

    /** Whether only too much other work stood in the way; such a request reached no model. */
    public final boolean isOverload() {
        return overload;
    }

    /**
     * The same refusal in the words of other servers: RESOURCE_EXHAUSTED with the time to wait.
     *
     * @param seconds when to ask again, 1 or more
     */
    public final StatusException asTooManyRequests(int seconds) {
        return new StatusException(StatusCode.RESOURCE_EXHAUSTED, text(), this, seconds, true);
    }

    /** When asking again makes sense, in seconds; empty if nobody knows. */
    public final OptionalInt retryAfterSeconds() {
        return retryAfterSeconds > 0 ? OptionalInt.of(retryAfterSeconds) : OptionalInt.empty();
    }

    /** The text on the wire. */
    public final String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }

    /** This status with {@code prefix} in front of its text, as ensembles report a step's error. */
    public final StatusException withPrefix(String prefix) {
        return new StatusException(code, prefix + text(), this, retryAfterSeconds, overload);
    }

    /** The form of the repository index and of logs: {@code Invalid argument: text}. */
    public final String describe() {
        return code.label() + ": " + text();
    }
}
