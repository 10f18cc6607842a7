package io.nereid.load.pace;

import io.nereid.load.client.Transport;

/** Opens lanes of a driver's loop. */
@FunctionalInterface
public interface LaneSource {
    /** Tells {@code opening}, on the loop, what became of it. */
    void open(Transport.Opening opening);
}
