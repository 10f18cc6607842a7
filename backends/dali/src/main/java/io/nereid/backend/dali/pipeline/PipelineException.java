package io.nereid.backend.dali.pipeline;

/** A pipeline file that cannot be executed; the message says which operator and why. */
public final class PipelineException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean readable;

    PipelineException(String message, boolean readable, Throwable cause) {
        super(message, cause);
        this.readable = readable;
    }

    /** Whether the bytes are a serialized pipeline at all. */
    public boolean isReadable() {
        return readable;
    }

    /** The text, never absent. */
    public String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
