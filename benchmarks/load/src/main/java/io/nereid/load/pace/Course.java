package io.nereid.load.pace;

/** What one lane sends, request by request. Used by the lane's loop alone. */
public interface Course {
    /** The next request. */
    Turn next();

    /** Whether the server waits for more of what was begun. */
    boolean isOpen();

    /** The request that ends what was begun, of a course that {@link #isOpen}. */
    Turn last();

    /** What was begun cannot go on: a request of it failed. */
    void abandon();
}
