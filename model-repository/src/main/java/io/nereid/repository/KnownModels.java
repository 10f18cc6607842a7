package io.nereid.repository;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The models that are wanted and how they depend on one another (repository section 13). Read by
 * control threads at any time; what is known of a model is changed only by the {@linkplain
 * ModelChanges change} that holds its name. Readers get snapshots.
 */
final class KnownModels {
    private final Object lock = new Object();

    /**
     * All models at one moment.
     *
     * @param revision grows with every change
     */
    record Snapshot(Map<String, KnownModel> models, long revision) {
        Optional<KnownModel> find(String id) {
            return Optional.ofNullable(models.get(id));
        }

        /** Identifiers of the models of that name; several only with namespacing. */
        SortedSet<String> idsOf(String name) {
            return models.entrySet().stream()
                    .filter(model -> model.getValue().polled().config().getName().equals(name))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        /** Ensembles that need any of these models, directly or not, nearest first; not these. */
        SequencedSet<String> dependentsOf(Collection<String> names) {
            SequencedSet<String> dependents = new LinkedHashSet<>();
            Deque<String> open = new ArrayDeque<>(names);
            for (String name = open.poll(); name != null; name = open.poll()) {
                for (KnownModel model : models.values()) {
                    if (model.polled().members().contains(name)
                            && !names.contains(model.polled().id())
                            && dependents.add(model.polled().id())) {
                        open.add(model.polled().id());
                    }
                }
            }
            return dependents;
        }

        /**
         * Models that are here only because of this one: not asked for by name, and needed by no
         * model that stays (repository section 8).
         */
        SequencedSet<String> onlyFor(String name) {
            SequencedSet<String> going = new LinkedHashSet<>(Set.of(name));
            Deque<String> open = new ArrayDeque<>(going);
            for (String next = open.poll(); next != null; next = open.poll()) {
                for (String member : membersOf(next)) {
                    boolean stays =
                            find(member).map(KnownModel::explicit).orElse(true)
                                    || isNeededBesides(member, going);
                    if (!stays && going.add(member)) {
                        open.add(member);
                    }
                }
            }
            going.remove(name);
            return going;
        }

        /** Models that a model asks; none if it is not known. */
        Set<String> membersOf(String name) {
            return find(name).<Set<String>>map(model -> model.polled().members()).orElse(Set.of());
        }

        private boolean isNeededBesides(String member, Set<String> going) {
            return models.values().stream()
                    .anyMatch(model ->
                            model.polled().members().contains(member)
                                    && !going.contains(model.polled().id()));
        }
    }

    // Written under the lock only; volatile hands a finished snapshot to readers.
    private volatile Snapshot snapshot = new Snapshot(Map.of(), 0);

    /** All models now. */
    Snapshot snapshot() {
        return snapshot;
    }

    /** Whether nothing has changed since. */
    boolean isCurrent(Snapshot earlier) {
        return snapshot.revision == earlier.revision;
    }

    /**
     * Replaces what is known of some models, and forgets others. Directories made for models are
     * kept as long as their models are known, and so are agents.
     */
    void change(Map<String, KnownModel> known, Collection<String> forgotten) {
        List<KnownModel> replaced = new ArrayList<>();
        synchronized (lock) {
            Map<String, KnownModel> models = new TreeMap<>(snapshot.models);
            known.forEach((name, model) -> {
                model.polled().files().ifPresent(HeldDirectory::retain);
                model.polled().agents().retain();
                Optional.ofNullable(models.put(name, model)).ifPresent(replaced::add);
            });
            forgotten.forEach(
                    name -> Optional.ofNullable(models.remove(name)).ifPresent(replaced::add));
            snapshot = new Snapshot(Collections.unmodifiableMap(models), snapshot.revision + 1);
        }
        for (KnownModel model : replaced) {
            model.polled().agents().close();
            model.polled().files().ifPresent(HeldDirectory::close);
        }
    }

    /** Forgets everything. */
    void clear() {
        change(Map.of(), snapshot.models().keySet());
    }
}
