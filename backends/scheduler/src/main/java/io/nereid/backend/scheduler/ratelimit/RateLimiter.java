package io.nereid.backend.scheduler.ratelimit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.StatusException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets the instances of all models of a server execute only while there are resources for them
 * (schedulers section 15). Gives {@link SlotAllocator} its threads: each instance's waits in its
 * own {@link ExecutionSlot} and is woken alone. Any thread.
 */
public final class RateLimiter {
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final SlotAllocator allocator;

    @GuardedBy("lock")
    private final Map<Slot, Condition> waiting = new HashMap<>();

    /**
     * @param limits how much there is of each resource; if there are none, as much as the most
     *     demanding instance needs
     */
    public RateLimiter(List<ResourceLimit> limits) {
        this.allocator = new SlotAllocator(new ResourcePools(limits));
    }

    /** The places of one model version's instances, none so far. */
    public ModelSlots model() {
        return new ModelSlots(this);
    }

    /**
     * Lets an instance take part.
     *
     * @throws StatusException INVALID_ARG if it could never have its resources
     */
    Slot add(InstanceSpec spec) {
        lock.lock();
        try {
            Slot slot = allocator.add(InstanceDemand.of(spec));
            // There may be more of a resource now.
            allocate();
            return slot;
        } finally {
            lock.unlock();
        }
    }

    void remove(Slot slot) {
        lock.lock();
        try {
            allocator.remove(slot);
            waiting.remove(slot);
            allocate();
        } finally {
            lock.unlock();
        }
    }

    void stage(Slot slot) {
        lock.lock();
        try {
            allocator.stage(slot);
            allocate();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a slot is staged no more; true if it has its resources. */
    boolean await(Slot slot) {
        lock.lock();
        try {
            while (slot.state() == Slot.State.STAGED) {
                condition(slot).awaitUninterruptibly();
            }
            return slot.state() == Slot.State.ALLOCATED;
        } finally {
            lock.unlock();
        }
    }

    void release(Slot slot, boolean executed) {
        lock.lock();
        try {
            allocator.release(slot, executed);
            allocate();
        } finally {
            lock.unlock();
        }
    }

    /** Lets those go that are staged; others stay as they are. */
    void recall(Collection<Slot> slots) {
        lock.lock();
        try {
            for (Slot slot : slots) {
                if (slot.state() == Slot.State.STAGED) {
                    allocator.unstage(slot);
                    condition(slot).signal();
                }
            }
            allocate();
        } finally {
            lock.unlock();
        }
    }

    long executions(Slot slot) {
        lock.lock();
        try {
            return slot.executions();
        } finally {
            lock.unlock();
        }
    }

    /** What an instance's thread waits for. */
    @GuardedBy("lock")
    private Condition condition(Slot slot) {
        return waiting.computeIfAbsent(slot, _ -> lock.newCondition());
    }

    @GuardedBy("lock")
    private void allocate() {
        allocator.allocate().forEach(slot -> condition(slot).signal());
    }
}
