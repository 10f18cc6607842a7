package io.nereid.backend.djl;

/** Texts of exceptions that wrap each other. */
public final class Causes {
    private Causes() {}

    /** What the innermost cause says. */
    public static String text(Throwable failure) {
        Throwable innermost = failure;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            innermost = cause;
        }
        String message = innermost.getMessage();
        return message == null ? innermost.getClass().getSimpleName() : message;
    }
}
