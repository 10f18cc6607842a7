package io.nereid.protocol;

/** What a client is told about a failure; the message is the exact text on the wire. */
public class StatusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final StatusCode code;

    public StatusException(StatusCode code, String message) {
        super(message);
        this.code = code;
    }

    public StatusException(StatusCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** Shorthand for the commonest class. */
    public static StatusException invalidArgument(String message) {
        return new StatusException(StatusCode.INVALID_ARG, message);
    }

    /** Class of the error. */
    public final StatusCode code() {
        return code;
    }

    /** The text on the wire. */
    public final String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }

    /** This status with {@code prefix} in front of its text, as ensembles report a step's error. */
    public final StatusException withPrefix(String prefix) {
        return new StatusException(code, prefix + text(), this);
    }

    /** The form of the repository index and of logs: {@code Invalid argument: text}. */
    public final String describe() {
        return code.label() + ": " + text();
    }
}
