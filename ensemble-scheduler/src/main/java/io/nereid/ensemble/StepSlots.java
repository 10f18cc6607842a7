package io.nereid.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Bounds how many requests of each step are on their way at once, over all requests to an ensemble
 * ({@code max_inflight_requests}, schedulers section 14.3). Nobody is blocked: who finds no free
 * slot stands in a line and is told. May be used from any thread; calls nobody while it holds its
 * lock.
 *
 * @param <W> who takes slots
 */
final class StepSlots<W extends StepSlots.Waiter> {
    /** Who stands in a line. */
    interface Waiter {
        /**
         * The waiter's turn has come, and a slot of the step is its own.
         *
         * @return false if it needs none any more and leaves the slot to the next
         */
        boolean granted(int step);
    }

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final int[] free;

    @GuardedBy("lock")
    private final List<Set<W>> lines = new ArrayList<>();

    /**
     * @param limit slots of each step, 1 or more
     */
    StepSlots(int stepCount, int limit) {
        free = new int[stepCount];
        Arrays.fill(free, limit);
        for (int i = 0; i < stepCount; i++) {
            lines.add(new LinkedHashSet<>());
        }
    }

    /** Takes a free slot; false if there is none, and then the waiter is in line, once. */
    boolean tryTake(int step, W waiter) {
        lock.lock();
        try {
            // Who waits already comes first: a slot is never free while somebody is in line.
            if (free[step] > 0) {
                free[step]--;
                return true;
            }
            lines.get(step).add(waiter);
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives a slot back, to the first in line if there is one.
     *
     * @param told takes each waiter that was told, in order; only the last of them may have the
     *     slot
     */
    void give(int step, Consumer<W> told) {
        for (List<W> next = next(step); !next.isEmpty(); next = next(step)) {
            W waiter = next.getFirst();
            boolean taken = waiter.granted(step);
            told.accept(waiter);
            if (taken) {
                return;
            }
        }
    }

    /** The first in line, who leaves it; nobody if there is none, and then the slot is free. */
    private List<W> next(int step) {
        lock.lock();
        try {
            Iterator<W> line = lines.get(step).iterator();
            if (!line.hasNext()) {
                free[step]++;
                return List.of();
            }
            W first = line.next();
            line.remove();
            return List.of(first);
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the line; false if the waiter was not in it, because its turn is about to come. */
    boolean leave(int step, W waiter) {
        lock.lock();
        try {
            return lines.get(step).remove(waiter);
        } finally {
            lock.unlock();
        }
    }

    /** Slots of a step that are free. */
    int free(int step) {
        lock.lock();
        try {
            return free[step];
        } finally {
            lock.unlock();
        }
    }
}
