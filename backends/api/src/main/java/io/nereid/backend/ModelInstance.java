package io.nereid.backend;

/** One executable copy of a model, used by one thread at a time: its own. */
public interface ModelInstance extends AutoCloseable {
    /**
     * Answers every request of the batch through the batch. Throwing is a failure of all requests
     * that have no answer yet. The requests are closed by the caller afterwards; whoever needs an
     * input longer retains its buffer.
     */
    void execute(Batch batch);

    /** Answers what {@link #execute} left unanswered (decoupled models), and frees the copy. */
    @Override
    void close();
}
