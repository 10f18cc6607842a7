package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.StatusException;

/** What became of a request on arrival. */
public sealed interface Arrival {
    /** Refused; the request is still the caller's. */
    record Refused(StatusException status) implements Arrival {}

    /**
     * Waits for its turn.
     *
     * @param turn for {@link SequenceBook#cancel}
     * @param conflict whether it starts a sequence that has not ended
     */
    record Accepted(Turn turn, boolean conflict) implements Arrival {}
}
