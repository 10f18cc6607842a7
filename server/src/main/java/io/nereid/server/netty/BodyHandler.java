package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;

/** Takes a body that has arrived completely. */
@FunctionalInterface
public interface BodyHandler {
    /**
     * Called once, on the event loop; must not block. Sees to it that the exchange is answered
     * exactly once, at any time.
     *
     * @throws StatusException becomes the answer
     */
    void handle(@Owned TensorBuffer body);
}
