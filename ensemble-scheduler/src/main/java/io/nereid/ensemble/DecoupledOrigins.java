package io.nereid.ensemble;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * From which decoupled step each tensor of an ensemble follows (schedulers section 14.2). Tensors
 * of one origin come in the same number: one of each for each response of that step.
 */
final class DecoupledOrigins {
    /** Of tensors that come once, with or after the ensemble's inputs. */
    static final int NONE = -1;

    private DecoupledOrigins() {}

    /**
     * The origins of the tensors that have one.
     *
     * @param decoupled positions of the decoupled steps
     * @param mixed takes each step that reads tensors of different origins
     */
    static Map<String, Integer> of(
            EnsembleGraph graph, Set<Integer> decoupled, Consumer<EnsembleGraph.Step> mixed) {
        Map<String, Integer> origins = new HashMap<>();
        graph.config().inputs().keySet().forEach(input -> origins.put(input, NONE));
        List<EnsembleGraph.Step> open = new ArrayList<>(graph.steps());
        boolean grew = true;
        while (grew) {
            List<EnsembleGraph.Step> next =
                    open.stream()
                            .filter(step -> origins.keySet().containsAll(step.inputs().values()))
                            .toList();
            open.removeAll(next);
            grew = !next.isEmpty();
            for (EnsembleGraph.Step step : next) {
                Set<Integer> sources = new TreeSet<>();
                step.inputs().values().forEach(tensor -> sources.add(origins.get(tensor)));
                if (sources.size() > 1) {
                    mixed.accept(step);
                }
                int origin =
                        decoupled.contains(step.index())
                                ? step.index()
                                : sources.stream().findFirst().orElse(NONE);
                step.outputs().values().forEach(tensor -> origins.putIfAbsent(tensor, origin));
            }
        }
        origins.values().removeIf(origin -> origin == NONE);
        return origins;
    }
}
