package io.nereid.repository;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds ensembles that ask each other in a circle (repository section 13). */
final class EnsembleCycles {
    private final Map<String, PolledModel> models;
    private final Map<String, String> texts = new TreeMap<>();
    private final Set<String> finished = new HashSet<>();
    private final List<String> chain = new ArrayList<>();

    private EnsembleCycles(Map<String, PolledModel> models) {
        this.models = models;
    }

    /** What to say of each ensemble in a circle; every circle has one that is found. */
    static Map<String, String> find(Map<String, PolledModel> models) {
        EnsembleCycles cycles = new EnsembleCycles(models);
        new TreeSet<>(models.keySet()).forEach(cycles::visit);
        return cycles.texts;
    }

    private void visit(String name) {
        PolledModel model = models.get(name);
        if (model == null || finished.contains(name)) {
            return;
        }
        int start = chain.indexOf(name);
        if (start >= 0) {
            String text =
                    "circular dependency between ensembles: "
                            + name
                            + " -> ... -> "
                            + chain.getLast()
                            + " -> "
                            + name;
            chain.subList(start, chain.size()).forEach(link -> texts.putIfAbsent(link, text));
            return;
        }
        chain.add(name);
        model.members().forEach(this::visit);
        chain.removeLast();
        finished.add(name);
    }
}
