package io.nereid.load.client;

import java.util.Optional;

/**
 * A place for one request at a time: a connection, a call of one, or a stream. Confined to its
 * loop.
 */
public interface Lane {
    /**
     * Sends a request; the one before has ended. Connects again if it must.
     *
     * @param request number of the request in its {@link RequestSet}
     * @param step where the request stands in its sequence, if it belongs to one
     */
    void send(int request, Optional<SequenceStep> step, ReplyListener listener);

    /** Gives the lane up; a request that is under way is told of nothing any more. */
    void close();
}
