package io.nereid.backend;

/**
 * One executable copy of a model, used by one thread at a time: its own, or, unless it {@linkplain
 * #isBoundToThread is bound} to that, one that brings requests while its own is idle.
 */
public interface ModelInstance extends AutoCloseable {
    /**
     * Answers every request of the batch through the batch. Throwing is a failure of all requests
     * that have no answer yet. The requests are closed by the caller afterwards; whoever needs an
     * input longer retains its buffer.
     */
    void execute(Batch batch);

    /**
     * Whether its own thread alone may execute it. It must be if it waits for anything but its own
     * computation, such as threads that other models keep busy, if values in a request can make it
     * slow that is quick with others, or if it keeps something with the thread. Does not change.
     */
    default boolean isBoundToThread() {
        return true;
    }

    /** Answers what {@link #execute} left unanswered (decoupled models), and frees the copy. */
    @Override
    void close();
}
