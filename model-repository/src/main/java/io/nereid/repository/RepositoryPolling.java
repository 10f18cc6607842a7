package io.nereid.repository;

import io.nereid.repository.ModelWatch.Sight;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mode poll (repository section 5): looks at the repositories again and again, loads what has
 * changed, unloads what has gone. {@link ModelWatch} decides, this carries out. One thread at a
 * time.
 */
final class RepositoryPolling {
    private static final Logger log = LoggerFactory.getLogger(RepositoryPolling.class);

    private final ModelDirectories directories;
    private final ModelOperations operations;
    private final StartupModels startup;
    private final LongSupplier nanoTime;
    private final ModelWatch watch;
    private final boolean waitsForMarkers;
    private final Duration quiet;
    private final Map<String, String> repositories = new HashMap<>();
    private Set<String> waiting = Set.of();

    /**
     * @param startup models to serve; others are left alone unless ensembles need them
     * @param nanoTime clock in nanoseconds
     */
    RepositoryPolling(
            ModelDirectories directories,
            ModelOperations operations,
            PollOptions options,
            StartupModels startup,
            LongSupplier nanoTime) {
        this.directories = directories;
        this.operations = operations;
        this.startup = startup;
        this.nanoTime = nanoTime;
        this.watch = new ModelWatch(options);
        this.waitsForMarkers = options.marker().isPresent();
        this.quiet = options.quiet();
    }

    /** Waits; false if nothing is to be waited for any more. */
    interface Pause {
        boolean await(Duration time);
    }

    /**
     * Loads what there is at start. If anything was changed just before, all is looked at twice, so
     * that a copy that is under way is not taken for a model.
     */
    ModelOperations.Result start(Pause pause) {
        ModelDirectories.Found found = directories.find();
        Map<String, Sight> seen = sights(found);
        watch.begin(seen, nanoTime.getAsLong(), ModelTimestamps.now());
        ModelWatch.Decision decision = decide(found, seen);
        if (!decision.waiting().isEmpty() && !waitsForMarkers) {
            if (pause.await(quiet)) {
                found = directories.find();
                ModelWatch.Decision second = decide(found, sights(found));
                second.load().addAll(decision.load());
                decision = second;
            }
        }
        Set<String> ids = new TreeSet<>(decision.load());
        if (startup instanceof StartupModels.Named(List<String> names)) {
            ModelDirectories.Found places = found;
            names.stream().filter(name -> places.idsOf(name).isEmpty()).forEach(ids::add);
        }
        sayWhoIsWaitedFor(decision);
        return load(ids, decision.quiet());
    }

    /**
     * Looks once and does what there is to do; a failure is logged.
     *
     * @return when to look again
     */
    Duration look() {
        return ControlThreads.run(
                this::lookNow,
                failure -> {
                    log.error("failed to poll the repositories: {}", failure.describe(), failure);
                    return PollOptions.DEFAULT_INTERVAL;
                });
    }

    private Duration lookNow() {
        ModelDirectories.Found found = directories.find();
        ModelWatch.Decision decision = decide(found, sights(found));
        decision.reasons().forEach((id, reason) -> log.info("model '{}' {}", id, reason));
        sayWhoIsWaitedFor(decision);
        // Ensembles learn of new members before they would lose old ones.
        if (!decision.load().isEmpty()) {
            load(decision.load(), decision.quiet());
        }
        if (!decision.unload().isEmpty()) {
            operations.unloadGone(decision.unload());
        }
        return Duration.ofNanos(Math.max(0, decision.nextLook() - nanoTime.getAsLong()));
    }

    private void sayWhoIsWaitedFor(ModelWatch.Decision decision) {
        for (String id : decision.waiting()) {
            if (!waiting.contains(id)) {
                log.info(
                        "model '{}' has changed; it is taken up when {}",
                        id,
                        waitsForMarkers ? "it is marked as complete" : "nobody writes it any more");
            }
        }
        waiting = Set.copyOf(decision.waiting());
    }

    private ModelOperations.Result load(Set<String> ids, Map<String, DirectoryState> quiet) {
        ModelOperations.Result result = operations.loadQuiet(ids, quiet);
        result.outcomes()
                .forEach((id, outcome) -> {
                    state(id, quiet).ifPresent(state -> watch.taken(id, state));
                    tried(id, outcome instanceof LoadOutcome.Loaded);
                });
        result.refused().keySet().forEach(id -> tried(id, false));
        return result;
    }

    /** A model that is a repository by itself may be called otherwise once it has been read. */
    private Optional<DirectoryState> state(String id, Map<String, DirectoryState> quiet) {
        DirectoryState seen = quiet.get(id);
        return seen != null
                ? Optional.of(seen)
                : directories.find().places().getOrDefault(id, List.of()).stream()
                        .findFirst()
                        .map(place -> DirectoryState.of(place.location()));
    }

    private void tried(String id, boolean loaded) {
        watch.tried(id, loaded, nanoTime.getAsLong())
                .ifPresent(pause ->
                        log.warn(
                                "model '{}' could not be loaded; unless it changes it is tried"
                                        + " again in {} s",
                                id,
                                pause.toMillis() / 1e3));
    }

    private ModelWatch.Decision decide(ModelDirectories.Found found, Map<String, Sight> seen) {
        Set<String> unknown =
                repositories.entrySet().stream()
                        .filter(place -> found.unreadable().containsKey(place.getValue()))
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet());
        Set<String> wanted = operations.wanted();
        if (startup instanceof StartupModels.Named(List<String> names)) {
            names.forEach(name -> wanted.addAll(found.idsOf(name)));
        }
        boolean all = startup instanceof StartupModels.All;
        return watch.look(seen, unknown, id -> all || wanted.contains(id), nanoTime.getAsLong());
    }

    private Map<String, Sight> sights(ModelDirectories.Found found) {
        Map<String, Sight> sights = new TreeMap<>();
        found.places()
                .forEach((id, places) -> {
                    repositories.put(id, places.getFirst().repository());
                    sights.put(
                            id,
                            places.size() > 1
                                    ? new Sight.Ambiguous()
                                    : new Sight.Present(
                                            DirectoryState.of(places.getFirst().location())));
                });
        return sights;
    }
}
