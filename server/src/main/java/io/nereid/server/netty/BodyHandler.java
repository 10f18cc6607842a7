package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;

/** Takes a body that has arrived completely. Exactly one of the two methods is called, once. */
@FunctionalInterface
public interface BodyHandler {
    /**
     * Called once, on the event loop; must not block. Sees to it that the exchange is answered
     * exactly once, at any time.
     *
     * @throws StatusException becomes the answer
     */
    void handle(@Owned TensorBuffer body);

    /**
     * Called on the event loop if there will be no body: it was refused, or nobody sends it or
     * waits for the answer any more. Gives back what was kept for the request; does not answer.
     */
    default void abandon() {}
}
