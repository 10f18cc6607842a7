package io.nereid.repository;

import io.nereid.protocol.StatusException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
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
    private static final String NOT_UNIQUE = "not unique across all model repositories";

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
    record Brought(Optional<String> config, Optional<ModelDirectoryOverride> files) {
        static final Brought NONE = new Brought(Optional.empty(), Optional.empty());

        boolean isNone() {
            return config.isEmpty() && files.isEmpty();
        }
    }

    /** Plans to load every model that there is. */
    LoadPlan planAll() {
        ModelDirectories.Found found = directories.find();
        return new Planning(found, Map.of()).plan(found.locations().keySet());
    }

    /**
     * Plans to load models by name.
     *
     * @param overrides what takes the place of the repository's, by name
     */
    LoadPlan plan(Collection<String> names, Map<String, Brought> overrides) {
        return new Planning(directories.find(), overrides).plan(names);
    }

    /** One plan in the making. */
    private final class Planning {
        private final ModelDirectories.Found found;
        private final Map<String, Brought> overrides;
        private final KnownModels.Snapshot before = known.snapshot();
        private final Set<String> visited = new TreeSet<>();
        private final SortedMap<String, KnownModel> changed = new TreeMap<>();
        private final SortedMap<String, String> refused;

        Planning(ModelDirectories.Found found, Map<String, Brought> overrides) {
            this.found = found;
            this.overrides = overrides;
            this.refused = new TreeMap<>(found.unreadable());
        }

        LoadPlan plan(Collection<String> names) {
            Set<String> asked = new HashSet<>(names);
            Deque<String> open = new ArrayDeque<>(names);
            for (String name = open.poll(); name != null; name = open.poll()) {
                if (visited.add(name)) {
                    visit(name, asked.contains(name))
                            .ifPresent(model -> open.addAll(model.members()));
                }
            }
            return new LoadPlan(before, asked, visited, changed, refused);
        }

        /** The model as it will be; empty if it cannot be read. */
        private Optional<PolledModel> visit(String name, boolean explicit) {
            Brought brought = overrides.getOrDefault(name, Brought.NONE);
            Optional<ModelLocation> place = place(name, brought);
            if (place.isEmpty()) {
                return Optional.empty();
            }
            Optional<KnownModel> previous = before.find(name);
            ModelTimestamps times =
                    brought.files().isPresent()
                            ? ModelTimestamps.NEVER
                            : ModelTimestamps.of(place.get());
            if (brought.isNone()
                    && previous.isPresent()
                    && isLoaded(name)
                    && !times.isNewerThan(previous.get().timestamps())) {
                return Optional.of(previous.get().polled());
            }
            boolean wanted = explicit || previous.map(KnownModel::explicit).orElse(false);
            return poll(name, place.get(), brought)
                    .filter(model -> add(model, sticking(times, brought), wanted));
        }

        private Optional<ModelLocation> place(String name, Brought brought) {
            if (brought.files().isPresent()) {
                return Optional.of(
                        new ModelLocation.Member(name, brought.files().get().directory()));
            }
            List<ModelLocation> places = found.locations().getOrDefault(name, List.of());
            if (places.size() == 1) {
                return Optional.of(places.getFirst());
            }
            refuse(name, places.isEmpty() ? NOT_FOUND : NOT_UNIQUE);
            return Optional.empty();
        }

        private Optional<PolledModel> poll(String name, ModelLocation place, Brought brought) {
            ModelPoller.Outcome outcome =
                    ControlThreads.run(
                            () -> poller.poll(place, brought.config(), brought.files()),
                            failure -> poller.failed(place, "", failure));
            return switch (outcome) {
                case ModelPoller.Outcome.Polled(PolledModel model) -> {
                    if (!name.equals(model.name())) {
                        directories.rename(place, model.name());
                    }
                    yield Optional.of(model);
                }
                case ModelPoller.Outcome.Failed(String _, StatusException reason) -> {
                    refused.put(name, reason.text());
                    yield Optional.empty();
                }
            };
        }

        private boolean add(PolledModel model, ModelTimestamps times, boolean explicit) {
            visited.add(model.name());
            if (changed.putIfAbsent(model.name(), new KnownModel(model, times, explicit)) != null) {
                refuse(model.name(), NOT_UNIQUE);
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
    private static ModelTimestamps sticking(ModelTimestamps times, Brought brought) {
        return brought.config().isPresent() && brought.files().isEmpty()
                ? times.changedAt(now())
                : times;
    }

    private static long now() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
