package io.nereid.repository;

import io.nereid.protocol.StatusException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out which models a load touches: looks for them in the repositories, reads those that have
 * changed, and follows ensembles to their members (repository sections 4 and 7.1). Changes nothing.
 * Blocks; used by control threads.
 */
final class LoadPlanner {
    private static final Logger log = LoggerFactory.getLogger(LoadPlanner.class);
    private static final String NOT_FOUND = "model not found in any model repository.";
    static final String NOT_UNIQUE = "not unique across all model repositories";

    private final ModelDirectories directories;
    private final ModelPoller poller;
    private final KnownModels known;
    private final ModelLifecycle lifecycle;

    LoadPlanner(
            ModelDirectories directories,
            ModelPoller poller,
            KnownModels known,
            ModelLifecycle lifecycle) {
        this.directories = directories;
        this.poller = poller;
        this.known = known;
        this.lifecycle = lifecycle;
    }

    /**
     * What a load request brings along.
     *
     * @param config a configuration as JSON
     * @param files the directory that its files were written to; borrowed
     */
    record Brought(Optional<String> config, Optional<HeldDirectory> files) {
        static final Brought NONE = new Brought(Optional.empty(), Optional.empty());

        boolean isNone() {
            return config.isEmpty() && files.isEmpty();
        }
    }

    /**
     * Plans to load every model that there is.
     *
     * @param copies makes and holds the copies of remote models that the plan tells of
     */
    LoadPlan planAll(RemoteCopies copies) {
        ModelDirectories.Found found = directories.find();
        return new Planning(found, Map.of(), Optional.empty(), copies)
                .plan(found.places().keySet());
    }

    /**
     * Plans to load models of repositories that are watched.
     *
     * @param ids identifiers of the models
     * @param quiet how the files of every model that may be loaded must look; what is not in it
     *     stays as it is, even if an ensemble needs it
     * @param copies makes and holds the copies of remote models that the plan tells of
     */
    LoadPlan planQuiet(Set<String> ids, Map<String, DirectoryState> quiet, RemoteCopies copies) {
        return new Planning(directories.find(), Map.of(), Optional.of(quiet), copies).plan(ids);
    }

    /**
     * Plans to load all models of some names.
     *
     * @param overrides what takes the place of the repository's, by name
     * @param copies makes and holds the copies of remote models that the plan tells of
     */
    LoadPlan plan(Collection<String> names, Map<String, Brought> overrides, RemoteCopies copies) {
        ModelDirectories.Found found = directories.find();
        Map<String, Brought> brought = new HashMap<>();
        for (String name : names) {
            Brought own = overrides.getOrDefault(name, Brought.NONE);
            // What a request brings all the files of lies in no repository, so in no namespace.
            Set<String> ids = own.files().isPresent() ? Set.of() : found.idsOf(name);
            (ids.isEmpty() ? Set.of(name) : ids).forEach(id -> brought.put(id, own));
        }
        return new Planning(found, brought, Optional.empty(), copies).plan(brought.keySet());
    }

    /** One plan in the making. */
    private final class Planning {
        private final ModelDirectories.Found found;
        private final Map<String, Brought> overrides;
        private final Optional<Map<String, DirectoryState>> quiet;
        private final RemoteCopies copies;
        private final KnownModels.Snapshot before = known.snapshot();
        private final Set<String> visited = new TreeSet<>();
        private final SortedMap<String, KnownModel> changed = new TreeMap<>();
        private final SortedMap<String, String> refused;

        Planning(
                ModelDirectories.Found found,
                Map<String, Brought> overrides,
                Optional<Map<String, DirectoryState>> quiet,
                RemoteCopies copies) {
            this.found = found;
            this.overrides = overrides;
            this.quiet = quiet;
            this.copies = copies;
            this.refused = new TreeMap<>(found.unreadable());
        }

        LoadPlan plan(Collection<String> ids) {
            Set<String> asked = Set.copyOf(ids);
            copies.prepare(changedRemotely(asked));
            Deque<String> open = new ArrayDeque<>(asked);
            for (String id = open.poll(); id != null; id = open.poll()) {
                if (visited.add(id)) {
                    visit(id, asked.contains(id)).ifPresent(model -> open.addAll(model.members()));
                }
            }
            resolveOthers();
            return new LoadPlan(before, asked, visited, changed, refused, quiet.orElseGet(Map::of));
        }

        /** Remote models that will be read, so that several are downloaded at a time. */
        private List<RemoteModel> changedRemotely(Set<String> ids) {
            List<RemoteModel> models = new ArrayList<>();
            for (String id : ids) {
                List<ModelDirectories.Place> places = found.places().getOrDefault(id, List.of());
                Brought brought = overrides.getOrDefault(id, Brought.NONE);
                if (places.size() == 1
                        && brought.files().isEmpty()
                        && places.getFirst().location() instanceof ModelLocation.Remote remote
                        && !isWritten(id, remote)
                        && (quiet.isPresent()
                                || !isUnchanged(id, brought, ModelRevision.of(remote)))) {
                    models.add(remote.model());
                }
            }
            return models;
        }

        /** Ensembles whose steps ask other models now that these come or come elsewhere. */
        private void resolveOthers() {
            before.models()
                    .forEach((id, known) -> {
                        if (!visited.contains(id)) {
                            resolveAnew(id, known, this::namespacesThatWillBeKnown);
                        }
                    });
            visited.addAll(changed.keySet());
        }

        /** Has each step ask the model of its own namespace, else the only one of that name. */
        private static PolledModel resolved(
                PolledModel model, String home, Function<String, Set<String>> namespaces) {
            return model.in(
                    home,
                    member -> {
                        Set<String> found = namespaces.apply(member);
                        if (found.contains(home)) {
                            return home;
                        }
                        return found.size() == 1 ? found.iterator().next() : "";
                    });
        }

        private Set<String> namespacesThatWillBeKnown(String name) {
            return Stream.concat(before.models().values().stream(), changed.values().stream())
                    .map(KnownModel::polled)
                    .filter(model -> model.config().getName().equals(name))
                    .map(PolledModel::namespace)
                    .collect(Collectors.toSet());
        }

        private Set<String> namespacesThatMayBeKnown(String name) {
            Set<String> namespaces = namespacesThatWillBeKnown(name);
            found.places().values().stream()
                    .map(List::getFirst)
                    .filter(place -> place.name().equals(name))
                    .forEach(place -> namespaces.add(place.namespace()));
            return namespaces;
        }

        /** The model as it will be; empty if it cannot be read. */
        private Optional<PolledModel> visit(String id, boolean explicit) {
            Brought brought = overrides.getOrDefault(id, Brought.NONE);
            Optional<KnownModel> previous = before.find(id);
            if (quiet.isPresent() && !quiet.get().containsKey(id) && !explicit) {
                return previous.map(
                        known -> resolveAnew(id, known, this::namespacesThatMayBeKnown));
            }
            Optional<ModelDirectories.Place> place = place(id, brought);
            if (place.isEmpty()) {
                return Optional.empty();
            }
            if (isWritten(id, place.get().location())) {
                refuse(id, "it changed again before it was downloaded");
                return Optional.empty();
            }
            Optional<ModelRevision> read = revision(id, place.get().location(), brought);
            if (read.isEmpty()) {
                return Optional.empty();
            }
            ModelRevision revision = read.get();
            if (previous.isPresent()
                    && !(quiet.isPresent() && explicit)
                    && isUnchanged(id, brought, revision)) {
                return Optional.of(resolveAnew(id, previous.get(), this::namespacesThatMayBeKnown));
            }
            boolean wanted = explicit || previous.map(KnownModel::explicit).orElse(false);
            return poll(id, place.get(), brought)
                    .filter(model -> add(model, sticking(revision, brought), wanted));
        }

        /** Whether a remote model is not as it was seen when nobody wrote it. */
        private boolean isWritten(String id, ModelLocation location) {
            Optional<DirectoryState> seen =
                    quiet.flatMap(states -> Optional.ofNullable(states.get(id)));
            return location instanceof ModelLocation.Remote
                    && seen.isPresent()
                    && !DirectoryState.of(location).equals(seen.get());
        }

        private boolean isUnchanged(String id, Brought brought, ModelRevision revision) {
            return brought.isNone()
                    && isLoaded(id)
                    && before.find(id)
                            .filter(known -> !revision.isNewerThan(known.revision()))
                            .isPresent();
        }

        /** When the model's files changed; empty, and refused, if its directory cannot be read. */
        private Optional<ModelRevision> revision(
                String id, ModelLocation location, Brought brought) {
            if (brought.files().isPresent()) {
                return Optional.of(ModelRevision.NEVER);
            }
            return ControlThreads.run(
                    () -> Optional.of(ModelRevision.of(location)),
                    failure -> {
                        poller.failed(location, "", failure);
                        refused.put(id, failure.text());
                        return Optional.empty();
                    });
        }

        /** A model that has not changed, which may yet be an ensemble that asks others now. */
        private PolledModel resolveAnew(
                String id, KnownModel known, Function<String, Set<String>> namespaces) {
            PolledModel resolved = resolved(known.polled(), known.polled().namespace(), namespaces);
            // If its agents have left, others have overtaken this plan, which is made anew.
            if (!resolved.config().equals(known.polled().config())
                    && resolved.agents().tryRetain()) {
                changed.put(id, new KnownModel(resolved, known.revision(), known.explicit()));
            }
            return resolved;
        }

        private Optional<ModelDirectories.Place> place(String id, Brought brought) {
            if (brought.files().isPresent()) {
                return Optional.of(
                        new ModelDirectories.Place(
                                "",
                                "",
                                id,
                                new ModelLocation.Member(id, brought.files().get().directory())));
            }
            List<ModelDirectories.Place> places = found.places().getOrDefault(id, List.of());
            if (places.size() == 1) {
                return Optional.of(places.getFirst());
            }
            refuse(id, places.isEmpty() ? NOT_FOUND : NOT_UNIQUE);
            return Optional.empty();
        }

        private Optional<PolledModel> poll(
                String id, ModelDirectories.Place place, Brought brought) {
            ModelLocation location = place.location();
            ModelPoller.Outcome outcome =
                    ControlThreads.run(
                            () -> poll(location, brought),
                            failure -> poller.failed(location, "", failure));
            return switch (outcome) {
                case ModelPoller.Outcome.Polled(PolledModel polled) -> {
                    PolledModel model =
                            resolved(polled, place.namespace(), this::namespacesThatMayBeKnown);
                    if (!id.equals(model.id())) {
                        directories.rename(location, model.config().getName());
                    }
                    yield Optional.of(model);
                }
                case ModelPoller.Outcome.Failed(String _, StatusException reason) -> {
                    refused.put(id, reason.text());
                    yield Optional.empty();
                }
            };
        }

        private ModelPoller.Outcome poll(ModelLocation location, Brought brought) {
            return switch (location) {
                case ModelLocation.OnDisk here ->
                        poller.poll(here, brought.config(), brought.files());
                case ModelLocation.Remote remote -> {
                    HeldDirectory copy = copies.of(remote.model());
                    yield poller.poll(
                            remote.copiedTo(copy.directory()), brought.config(), Optional.of(copy));
                }
            };
        }

        private boolean add(PolledModel model, ModelRevision revision, boolean explicit) {
            visited.add(model.id());
            if (changed.putIfAbsent(model.id(), new KnownModel(model, revision, explicit))
                    != null) {
                refuse(model.id(), NOT_UNIQUE);
                model.agents().close();
                return false;
            }
            return true;
        }

        private void refuse(String name, String reason) {
            log.error("failed to poll model '{}': {}", name, reason);
            refused.put(name, reason);
        }
    }

    private boolean isLoaded(String name) {
        return lifecycle.find(name).flatMap(ModelLifecycle.Entry::newest).isPresent();
    }

    /**
     * A configuration that came with a request stays in force until something in the repository
     * changes after it; files that came with one only until the next load (section 7.3).
     */
    private static ModelRevision sticking(ModelRevision revision, Brought brought) {
        return brought.config().isPresent() && brought.files().isEmpty()
                ? revision.changedAt(ModelTimestamps.now())
                : revision;
    }
}
