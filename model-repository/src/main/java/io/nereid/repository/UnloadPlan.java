package io.nereid.repository;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.Set;

/**
 * What an unload does.
 *
 * @param before the models as they were known when this was planned
 * @param going identifiers of models to unload, ensembles before their members
 * @param orphaned ensembles that lose a member, those that need the member directly first
 */
record UnloadPlan(
        KnownModels.Snapshot before, SequencedSet<String> going, SequencedSet<String> orphaned)
        implements ModelChanges.Plan {

    /**
     * Plans to unload all models of a name.
     *
     * @param withMembers whether what is there only because of this model goes too
     */
    static UnloadPlan of(KnownModels.Snapshot before, String name, boolean withMembers) {
        return of(before, before.idsOf(name), withMembers);
    }

    /**
     * Plans to unload models.
     *
     * @param models their identifiers
     * @param withMembers whether what is there only because of them goes too
     */
    static UnloadPlan of(KnownModels.Snapshot before, Set<String> models, boolean withMembers) {
        SequencedSet<String> going = new LinkedHashSet<>(models);
        if (withMembers) {
            models.forEach(model -> going.addAll(before.onlyFor(model)));
        }
        return new UnloadPlan(before, going, before.dependentsOf(models));
    }

    @Override
    public Set<String> touched() {
        Set<String> touched = new LinkedHashSet<>(going);
        touched.addAll(orphaned);
        return touched;
    }
}
