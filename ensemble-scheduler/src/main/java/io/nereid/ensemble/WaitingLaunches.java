package io.nereid.ensemble;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The launches of one run, in order, some of which wait for a free slot of their step. A run stands
 * in each line once, however many of its launches wait there, so that requests with many responses
 * do not crowd out others. Used by one thread at a time.
 *
 * @param <W> the run
 */
final class WaitingLaunches<W extends StepSlots.Waiter> {
    private final Optional<StepSlots<W>> slots;
    private final W run;
    private final Deque<Launch> ready = new ArrayDeque<>(4);
    private final Map<Integer, Deque<Launch>> waiting = new HashMap<>();
    private int grantsToCome;

    /** Launches that have their slot. */
    private final Deque<Launch> granted = new ArrayDeque<>(1);

    /**
     * @param slots of all runs; empty if there is no bound
     */
    WaitingLaunches(Optional<StepSlots<W>> slots, W run) {
        this.slots = slots;
        this.run = run;
    }

    void add(Launch launch) {
        ready.add(launch);
    }

    /** The next launch that may start; it has a slot if it needs one. */
    Optional<Launch> poll() {
        if (slots.isEmpty()) {
            return Optional.ofNullable(ready.poll());
        }
        while (granted.isEmpty() && !ready.isEmpty()) {
            Launch launch = ready.remove();
            int step = launch.step().index();
            Deque<Launch> line = waiting.computeIfAbsent(step, _ -> new ArrayDeque<>());
            if (line.isEmpty() && slots.get().tryTake(step, run)) {
                granted.add(launch);
            } else {
                line.add(launch);
            }
        }
        return Optional.ofNullable(granted.poll());
    }

    /** The run's turn has come in the line of a step. */
    void granted(int step) {
        Deque<Launch> line = waiting.get(step);
        if (line == null || line.isEmpty()) {
            throw new IllegalStateException("nothing waits for step " + step);
        }
        granted.add(line.remove());
        while (!line.isEmpty() && slots.orElseThrow().tryTake(step, run)) {
            granted.add(line.remove());
        }
    }

    /** A turn that came after {@link #clear}, for which there is no use. */
    void grantedTooLate() {
        grantsToCome--;
    }

    /** Whether nothing is left and no turn is about to come. */
    boolean isEmpty() {
        return ready.isEmpty()
                && granted.isEmpty()
                && grantsToCome == 0
                && waiting.values().stream().allMatch(Deque::isEmpty);
    }

    /**
     * Drops every launch and leaves every line.
     *
     * @return the steps of slots to be given back
     */
    List<Integer> clear() {
        List<Integer> unused = new ArrayList<>();
        granted.forEach(launch -> unused.add(launch.step().index()));
        waiting.forEach((step, line) -> {
            if (!line.isEmpty() && !slots.orElseThrow().leave(step, run)) {
                grantsToCome++;
            }
        });
        ready.clear();
        granted.clear();
        waiting.clear();
        return unused;
    }
}
