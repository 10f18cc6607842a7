package io.nereid.ensemble;

import io.nereid.protocol.Owned;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The waves whose outputs become responses, in the order in which they came: the n-th response is
 * made of the n-th wave of each origin (schedulers section 14.3). Used by one thread at a time.
 */
final class Outbox {
    private final EnsemblePlan plan;
    private final List<Deque<Wave>> queues;
    private final List<Integer> origins;

    Outbox(EnsemblePlan plan) {
        this.plan = plan;
        this.origins = List.copyOf(plan.outputOrigins());
        this.queues = new ArrayList<>(origins.size());
        for (int i = 0; i < origins.size(); i++) {
            queues.add(new ArrayDeque<>(1));
        }
    }

    /** Adds a wave, if outputs follow from its origin. */
    void add(Wave wave) {
        int place = origins.indexOf(wave.origin());
        if (place >= 0) {
            queues.get(place).add(wave);
        }
    }

    /** Whether everything for the next response is there. */
    boolean isReady() {
        for (Deque<Wave> queue : queues) {
            if (queue.isEmpty() || !queue.getFirst().hasOutputs()) {
                return false;
            }
        }
        return !queues.isEmpty();
    }

    /**
     * Takes the tensors of the next response, in order of their names; empty ones are left out.
     *
     * @param holding loses each wave that holds nothing any more
     */
    @Owned
    Map<String, RunTensor> take(Set<Wave> holding) {
        Map<String, RunTensor> outputs = new TreeMap<>();
        for (Deque<Wave> queue : queues) {
            Wave wave = queue.removeFirst();
            for (String name : plan.outputsFrom(wave.origin())) {
                wave.take(name).ifPresent(tensor -> outputs.put(name, tensor));
            }
            if (wave.isEmpty()) {
                holding.remove(wave);
            }
        }
        return outputs;
    }

    /** Drops the waves that wait. */
    void clear() {
        queues.forEach(Deque::clear);
    }
}
