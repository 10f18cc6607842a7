package io.nereid.repository;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a load does.
 *
 * @param before the models as they were known when this was planned
 * @param asked models that were asked for by name
 * @param visited models that were looked at: those, and what they need
 * @param changed those of them that are to be loaded, with what is to be known of them then; their
 *     agents are held until the plan is closed
 * @param refused why others of them cannot be read, by name
 * @param quiet how files must look before and after, by identifier, for those that are watched
 */
record LoadPlan(
        KnownModels.Snapshot before,
        Set<String> asked,
        Set<String> visited,
        SortedMap<String, KnownModel> changed,
        SortedMap<String, String> refused,
        Map<String, DirectoryState> quiet)
        implements ModelChanges.Plan {

    /** Those looked at, and ensembles that need them. */
    @Override
    public Set<String> touched() {
        Set<String> touched = before.dependentsOf(visited);
        touched.addAll(visited);
        return touched;
    }

    @Override
    public void close() {
        changed.values().forEach(model -> model.polled().agents().close());
    }

    /** Models to load: those that changed, and the ensembles that need them. */
    Map<String, PolledModel> toLoad() {
        Map<String, PolledModel> models = new TreeMap<>();
        for (String dependent : before.dependentsOf(changed.keySet())) {
            before.find(dependent).ifPresent(known -> models.put(dependent, known.polled()));
        }
        changed.forEach((name, known) -> models.put(name, known.polled()));
        return models;
    }

    /** All models as they will be known, for circles among ensembles. */
    Map<String, PolledModel> graph() {
        Map<String, PolledModel> graph = new TreeMap<>();
        before.models().forEach((name, known) -> graph.put(name, known.polled()));
        changed.forEach((name, known) -> graph.put(name, known.polled()));
        return graph;
    }
}
