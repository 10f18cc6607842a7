package io.nereid.backend.scheduler.ratelimit;

import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides which instances may execute (schedulers section 15). Those that have work stand in line,
 * the lowest executions times priority first; the first one goes when its resources are free, and
 * as long as they are not, nobody overtakes it.
 *
 * <p>A newcomer starts level with whoever is furthest behind, not at zero, so that a model that is
 * loaded again does not go first until it has caught up with all executions of the others. Driven
 * by hand: it has no thread. Used by one thread at a time.
 */
final class SlotAllocator {
    private final ResourcePools pools;
    private final Set<Slot> slots = Collections.newSetFromMap(new IdentityHashMap<>());
    private final TreeSet<Slot> line =
            new TreeSet<>(Comparator.comparingLong(Slot::key).thenComparingLong(Slot::turn));
    private long turns;

    SlotAllocator(ResourcePools pools) {
        this.pools = pools;
    }

    /**
     * Lets an instance take part.
     *
     * @throws StatusException INVALID_ARG if it could never have its resources
     */
    Slot add(InstanceDemand demand) {
        pools.add(demand);
        Slot slot = new Slot(demand, slots.stream().mapToLong(Slot::key).min().orElse(0));
        slots.add(slot);
        return slot;
    }

    /** Ends an instance's part, whatever it does. */
    void remove(Slot slot) {
        switch (slot.state()) {
            case IDLE -> {}
            case STAGED -> unstage(slot);
            case ALLOCATED -> release(slot, false);
        }
        slots.remove(slot);
        pools.remove(slot.demand());
    }

    /** Puts an idle instance in line: it has work. */
    void stage(Slot slot) {
        slot.staged(turns++);
        line.add(slot);
    }

    /** Takes a staged instance out of the line. */
    void unstage(Slot slot) {
        line.remove(slot);
        slot.unstaged();
    }

    /** Gives resources to the first in line as long as there are enough; tells who got theirs. */
    List<Slot> allocate() {
        List<Slot> allocated = new ArrayList<>();
        while (!line.isEmpty() && pools.canMeet(line.getFirst().demand())) {
            Slot first = line.removeFirst();
            pools.take(first.demand());
            first.allocated();
            allocated.add(first);
        }
        return allocated;
    }

    /**
     * Takes an instance's resources back.
     *
     * @param executed whether it has executed anything
     */
    void release(Slot slot, boolean executed) {
        slot.released(executed);
        pools.giveBack(slot.demand());
    }
}
