package io.nereid.backend.dali.tensor;

/** A failure that DALI would report; the message is its text, without the operator's name. */
public final class DaliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DaliException(String message) {
        super(message);
    }

    public DaliException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The text, never absent. */
    public String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
