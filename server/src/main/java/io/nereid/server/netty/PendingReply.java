package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;

/** An answer that becomes bytes on the event loop. Exactly one of its methods is called, once. */
public interface PendingReply {
    /**
     * The bytes to send. Called on: event loop.
     *
     * @throws StatusException becomes the answer instead
     */
    @Owned
    HttpReply encode();

    /** Frees what the answer holds: nobody waits for it any more. Called on: any thread. */
    void discard();
}
