package io.nereid.ensemble;

import io.nereid.protocol.Owned;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tensors of one run, each kept until it has been taken for the last time. A tensor may be
 * known to stay empty: an optional input that was left out, an output that a model did not give.
 * Used by one thread at a time.
 */
final class RunTensors {
    private final EnsemblePlan plan;
    private final Map<String, RunTensor> values = new HashMap<>();
    private final Map<String, Integer> usesLeft;

    /** Tensors that have a value or are known to stay empty. */
    private final Set<String> settled = new HashSet<>();

    private final int[] missing;

    RunTensors(EnsemblePlan plan, int stepCount) {
        this.plan = plan;
        this.usesLeft = new HashMap<>(plan.uses());
        this.missing = new int[stepCount];
        for (EnsembleGraph.Step step : plan.steps()) {
            missing[step.index()] = (int) step.inputs().values().stream().distinct().count();
        }
    }

    /** Whether a tensor has a value or is known to stay empty. */
    boolean isSettled(String name) {
        return settled.contains(name);
    }

    /**
     * Gives a tensor its value.
     *
     * @return steps that can run now
     */
    List<EnsembleGraph.Step> put(String name, @Owned RunTensor value) {
        values.put(name, value);
        return settle(name);
    }

    /**
     * Notes that a tensor stays empty.
     *
     * @return steps that can run now
     */
    List<EnsembleGraph.Step> leaveEmpty(String name) {
        return settle(name);
    }

    private List<EnsembleGraph.Step> settle(String name) {
        if (!settled.add(name)) {
            throw new IllegalStateException("ensemble tensor '" + name + "' is set twice");
        }
        List<EnsembleGraph.Step> ready = new ArrayList<>();
        for (EnsembleGraph.Step reader : plan.readersOf(name)) {
            if (--missing[reader.index()] == 0) {
                ready.add(reader);
            }
        }
        return ready;
    }

    /** Takes a tensor once; the last time the run's own reference goes along. */
    @Owned
    Optional<RunTensor> take(String name) {
        RunTensor value = values.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (usesLeft.merge(name, -1, Integer::sum) == 0) {
            values.remove(name);
            return Optional.of(value);
        }
        return Optional.of(value.retain());
    }

    /** Gives up everything; the caller closes it, outside of any lock. */
    @Owned
    List<RunTensor> takeRest() {
        List<RunTensor> rest = List.copyOf(values.values());
        values.clear();
        return rest;
    }
}
