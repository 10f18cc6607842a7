package io.nereid.repository.store;

/** An object is not what was listed any more: what it belongs to has to be listed anew. */
public final class ObjectChangedException extends Exception {
    private static final long serialVersionUID = 1L;

    ObjectChangedException(String message, Throwable cause) {
        super(message, cause);
    }
}
