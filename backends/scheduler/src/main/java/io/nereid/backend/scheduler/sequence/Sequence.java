package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.CorrelationId;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A sequence that has a slot or waits for one. Belongs to its {@link SequenceBook}. */
final class Sequence {
    /** Points in time are compared by their difference. */
    static final Comparator<Sequence> BY_DEADLINE =
            (one, other) -> {
                int order = Long.signum(one.deadline - other.deadline);
                return order != 0 ? order : Long.compare(one.number, other.number);
            };

    final CorrelationId id;
    final SequenceStates states;
    final Queue<Turn> queue = new ArrayDeque<>();
    private final long number;

    /** Where it waits. */
    enum Place {
        BACKLOG,
        SLOT,
        /** It has left its slot or the backlog; one of its requests may still be on its way. */
        OVER
    }

    Place place = Place.BACKLOG;

    /** Its slot, while it has one. */
    @Nullable Slot slot;

    /** Whether its id is forgotten: no client can add to it any more. */
    boolean ends;

    /** Whether one of its requests executes, or was submitted to. */
    boolean busy;

    /** Since when it has nothing to do. */
    long idleSince;

    /** Until when it may stay in the backlog, if that is limited. */
    boolean hasDeadline;

    long deadline;

    /**
     * @param number increases with each sequence
     */
    Sequence(CorrelationId id, long number, SequenceStates states) {
        this.id = id;
        this.number = number;
        this.states = states;
    }
}
