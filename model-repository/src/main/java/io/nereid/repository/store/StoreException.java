package io.nereid.repository.store;

/** A store did not do what it was asked. The message says why in the store's words. */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What can be done about a failure. */
    public enum Kind {
        /** Credentials are missing, wrong or not enough (401, 403): read them anew, once. */
        CREDENTIALS,
        /** There is no such bucket or object (404). */
        NOT_FOUND,
        /** The object is not the one that was listed any more (412). */
        CHANGED,
        /** May pass: the store is busy or broken (408, 429, 5xx), slow, or out of reach. */
        TRANSIENT,
        /** Asking again does not help. */
        PERMANENT
    }

    private final Kind kind;

    public StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** A failure that a store answered with this HTTP status. */
    public static StoreException ofStatus(int status, String message, Throwable cause) {
        return new StoreException(kind(status), message, cause);
    }

    private static Kind kind(int status) {
        return switch (status) {
            case 401, 403 -> Kind.CREDENTIALS;
            case 404 -> Kind.NOT_FOUND;
            case 412 -> Kind.CHANGED;
            case 408, 429 -> Kind.TRANSIENT;
            case 501 -> Kind.PERMANENT;
            default -> status >= 500 ? Kind.TRANSIENT : Kind.PERMANENT;
        };
    }

    /** What can be done about it. */
    public Kind kind() {
        return kind;
    }

    /** The message. */
    public String text() {
        String message = getMessage();
        return message == null ? toString() : message;
    }
}
