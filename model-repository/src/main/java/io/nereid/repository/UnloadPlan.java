package io.nereid.repository;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.Set;

/**
 * What an unload does.
 *
 * @param before the models as they were known when this was planned
 * @param going models to unload, ensembles before their members
 * @param orphaned ensembles that lose a member, those that need the member directly first
 */
record UnloadPlan(
        KnownModels.Snapshot before, SequencedSet<String> going, SequencedSet<String> orphaned)
        implements ModelChanges.Plan {

    /**
     * Plans to unload a model.
     *
     * @param withMembers whether what is there only because of this model goes too
     */
    static UnloadPlan of(KnownModels.Snapshot before, String model, boolean withMembers) {
        SequencedSet<String> going = new LinkedHashSet<>(Set.of(model));
        if (withMembers) {
            going.addAll(before.onlyFor(model));
        }
        return new UnloadPlan(before, going, before.dependentsOf(Set.of(model)));
    }

    @Override
    public Set<String> touched() {
        Set<String> touched = new LinkedHashSet<>(going);
        touched.addAll(orphaned);
        return touched;
    }
}
