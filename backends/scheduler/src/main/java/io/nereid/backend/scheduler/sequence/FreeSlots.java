package io.nereid.backend.scheduler.sequence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The slots of all instances, made when they are first used: a model may allow for millions. Used
 * by one thread at a time.
 */
final class FreeSlots {
    private final int slotsPerInstance;
    private final List<List<Slot>> made = new ArrayList<>();
    private final PriorityQueue<Slot> returned = new PriorityQueue<>(Slot.BY_POSITION);
    private int nextInstance;
    private int nextPosition;

    FreeSlots(int instances, int slotsPerInstance) {
        this.slotsPerInstance = slotsPerInstance;
        for (int i = 0; i < instances; i++) {
            made.add(new ArrayList<>());
        }
    }

    /** The free slot that comes first. Every slot that was used before comes before the others. */
    Optional<Slot> take() {
        Slot slot = returned.poll();
        if (slot != null) {
            return Optional.of(slot);
        }
        if (nextPosition == slotsPerInstance) {
            return Optional.empty();
        }
        slot = new Slot(nextInstance, nextPosition);
        made.get(nextInstance).add(slot);
        nextInstance++;
        if (nextInstance == made.size()) {
            nextInstance = 0;
            nextPosition++;
        }
        return Optional.of(slot);
    }

    void giveBack(Slot slot) {
        returned.add(slot);
    }

    /** Slots of an instance that have been used, by position. */
    List<Slot> of(int instance) {
        return made.get(instance);
    }
}
