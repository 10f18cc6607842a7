package io.nereid.ensemble;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The part of a graph that certain outputs need (schedulers section 14.3, pruning). Immutable; any
 * thread.
 */
final class EnsemblePlan {
    private final EnsembleGraph graph;
    private final List<String> outputs;
    private final SortedMap<Integer, List<String>> outputsByOrigin = new TreeMap<>();

    /** For each tensor that steps read, how often they take it. */
    private final Map<String, Integer> stepUses = new HashMap<>();

    private final Map<String, List<EnsembleGraph.Step>> readers = new HashMap<>();

    /** For each step that is needed, the number of different tensors that it reads. */
    private final int[] inputCounts;

    private EnsemblePlan(EnsembleGraph graph, Collection<String> requestedOutputs) {
        this.graph = graph;
        this.outputs = List.copyOf(new TreeSet<>(requestedOutputs));
        this.inputCounts = new int[graph.steps().size()];
        for (String output : outputs) {
            outputsByOrigin.computeIfAbsent(originOf(output), _ -> new ArrayList<>()).add(output);
        }
    }

    static EnsemblePlan of(EnsembleGraph graph, Collection<String> requestedOutputs) {
        EnsemblePlan plan = new EnsemblePlan(graph, requestedOutputs);
        boolean[] needed = new boolean[graph.steps().size()];
        Deque<String> open = new ArrayDeque<>(requestedOutputs);
        for (String tensor = open.poll(); tensor != null; tensor = open.poll()) {
            EnsembleGraph.Step producer = graph.producers().get(tensor);
            if (producer != null && !needed[producer.index()]) {
                needed[producer.index()] = true;
                open.addAll(producer.inputs().values());
            }
        }
        graph.steps().stream().filter(step -> needed[step.index()]).forEach(plan::add);
        return plan;
    }

    private void add(EnsembleGraph.Step step) {
        Collection<String> all = step.inputs().values();
        all.forEach(tensor -> stepUses.merge(tensor, 1, Integer::sum));
        Set<String> different = new HashSet<>(all);
        inputCounts[step.index()] = different.size();
        different.forEach(
                tensor -> readers.computeIfAbsent(tensor, _ -> new ArrayList<>()).add(step));
    }

    private int originOf(String tensor) {
        return graph.origins().getOrDefault(tensor, DecoupledOrigins.NONE);
    }

    /** Tensors to answer with, in order of their names. */
    List<String> outputs() {
        return outputs;
    }

    /** Origins of the outputs, in order. */
    Set<Integer> outputOrigins() {
        return outputsByOrigin.keySet();
    }

    /** The outputs of one origin, in order of their names. */
    List<String> outputsFrom(int origin) {
        return outputsByOrigin.getOrDefault(origin, List.of());
    }

    /**
     * Whether there is one response at most, because an output comes only once.
     *
     * <p>Only of interest where other outputs come more often.
     */
    boolean answersOnce() {
        return outputsByOrigin.containsKey(DecoupledOrigins.NONE);
    }

    /** Whether a tensor is an output or read by a step. */
    boolean isNeeded(String tensor) {
        return usesOf(tensor, true) > 0;
    }

    /**
     * How often a tensor will be taken.
     *
     * @param answers whether it is taken for a response if it is an output
     */
    int usesOf(String tensor, boolean answers) {
        int uses = stepUses.getOrDefault(tensor, 0);
        return answers && isOutput(tensor) ? uses + 1 : uses;
    }

    private boolean isOutput(String tensor) {
        return outputs.contains(tensor);
    }

    /** Steps that read a tensor. */
    List<EnsembleGraph.Step> readersOf(String tensor) {
        return readers.getOrDefault(tensor, List.of());
    }

    /** Number of different tensors that a step reads. */
    int inputCount(EnsembleGraph.Step step) {
        return inputCounts[step.index()];
    }

    /** Number of steps of the graph, needed or not. */
    int stepCount() {
        return inputCounts.length;
    }

    /** Whether a step may respond any number of times. */
    boolean isDecoupled(EnsembleGraph.Step step) {
        return graph.decoupledSteps().contains(step.index());
    }
}
