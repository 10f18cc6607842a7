package io.nereid.backend.scheduler.sequence;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** A place for one sequence in one instance. Belongs to its {@link SequenceBook}. */
final class Slot {
    /** All slots 0 come first, then all slots 1: sequences spread over instances. */
    static final Comparator<Slot> BY_POSITION =
            Comparator.<Slot>comparingInt(slot -> slot.position)
                    .thenComparingInt(slot -> slot.instance);

    final int instance;
    final int position;

    /** Who has the slot. */
    @Nullable Sequence sequence;

    /** The oldest strategy's only request of this slot that is in its batcher or executes. */
    @Nullable Turn submitted;

    Slot(int instance, int position) {
        this.instance = instance;
        this.position = position;
    }

    /** The request that would be executed next. */
    @Nullable Turn front() {
        return sequence == null ? null : sequence.queue.peek();
    }
}
