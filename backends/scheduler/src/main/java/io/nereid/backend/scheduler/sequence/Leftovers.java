package io.nereid.backend.scheduler.sequence;

import java.util.List;

/**
 * What changes of a {@link SequenceBook} leave to be done without its lock.
 *
 * @param departures requests to be closed and failed
 * @param states states of sequences that are over, to be closed
 * @param evicted ids of sequences that lost their slots because they had been idle
 */
public record Leftovers(
        List<Departure> departures, List<SequenceStates> states, List<String> evicted) {
    /** Nothing to do. */
    static final Leftovers NONE = new Leftovers(List.of(), List.of(), List.of());

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return departures.isEmpty() && states.isEmpty() && evicted.isEmpty();
    }
}
