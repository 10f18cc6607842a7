package io.nereid.ensemble;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The part of a graph that certain outputs need (schedulers section 14.3, pruning).
 *
 * @param outputs tensors to answer with, in order of their names
 * @param steps steps to run, in configuration order
 * @param uses for each tensor that is needed, how often it will be taken
 * @param readers for each tensor, the steps that read it
 */
record EnsemblePlan(
        List<String> outputs,
        List<EnsembleGraph.Step> steps,
        Map<String, Integer> uses,
        Map<String, List<EnsembleGraph.Step>> readers) {

    static EnsemblePlan of(EnsembleGraph graph, Collection<String> requestedOutputs) {
        boolean[] needed = new boolean[graph.steps().size()];
        Deque<String> open = new ArrayDeque<>(requestedOutputs);
        for (String tensor = open.poll(); tensor != null; tensor = open.poll()) {
            EnsembleGraph.Step producer = graph.producers().get(tensor);
            if (producer != null && !needed[producer.index()]) {
                needed[producer.index()] = true;
                open.addAll(producer.inputs().values());
            }
        }
        List<EnsembleGraph.Step> steps =
                graph.steps().stream().filter(step -> needed[step.index()]).toList();
        Map<String, Integer> uses = new HashMap<>();
        Map<String, List<EnsembleGraph.Step>> readers = new HashMap<>();
        requestedOutputs.forEach(tensor -> uses.merge(tensor, 1, Integer::sum));
        for (EnsembleGraph.Step step : steps) {
            for (String tensor : step.inputs().values()) {
                uses.merge(tensor, 1, Integer::sum);
                List<EnsembleGraph.Step> all =
                        readers.computeIfAbsent(tensor, t -> new ArrayList<>());
                if (!all.contains(step)) {
                    all.add(step);
                }
            }
        }
        return new EnsemblePlan(List.copyOf(new TreeSet<>(requestedOutputs)), steps, uses, readers);
    }

    /** How often a tensor will be taken; 0 if it is not needed. */
    int usesOf(String tensor) {
        return uses.getOrDefault(tensor, 0);
    }

    /** Steps that read a tensor. */
    List<EnsembleGraph.Step> readersOf(String tensor) {
        return readers.getOrDefault(tensor, List.of());
    }
}
