package io.nereid.load.pace;

import io.nereid.protocol.StatusException;
import java.util.HashSet;
import java.util.Set;

/** Ids of sequences; none is given twice at a time. May be used from any thread. */
public final class SequenceIds {
    private final long first;
    private final long end;
    private final Set<Long> live = new HashSet<>();
    private long next;

    /**
     * Ids from {@code first} on.
     *
     * @param end the first that is not used; {@link Long#MAX_VALUE} for no bound
     */
    public SequenceIds(long first, long end) {
        this.first = first;
        this.end = end;
        this.next = first;
    }

    /**
     * Checks that so many sequences may live at once.
     *
     * @throws StatusException INVALID_ARG if there are fewer ids
     */
    public void checkRoomFor(int sequences) {
        if (end - first < sequences) {
            throw StatusException.invalidArgument(
                    "sequences that live at once need ids of their own: --sequence-id-range has "
                            + (end - first)
                            + " of them");
        }
    }

    /** An id that no living sequence has. */
    synchronized long take() {
        long id;
        do {
            id = next;
            next = next + 1 == end ? first : next + 1;
        } while (!live.add(id));
        return id;
    }

    /** A sequence has ended. */
    synchronized void giveBack(long id) {
        live.remove(id);
    }
}
