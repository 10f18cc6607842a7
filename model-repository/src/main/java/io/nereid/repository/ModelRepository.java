package io.nereid.repository;

import io.nereid.backend.Model;
import io.nereid.protocol.StatusException;
import io.nereid.repository.ModelLifecycle.Version;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one or more directories: finds them, reads their configurations, loads them and
 * knows which of them answer.
 *
 * <p>Threads: {@link #loadAll} and {@link #close} block and belong on a control thread; they use
 * virtual threads of their own for the work. Everything of {@link ModelCatalog} reads an immutable
 * snapshot, from any thread. Owns the loaded models until it is closed.
 */
public final class ModelRepository implements ModelCatalog, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModelRepository.class);
    private static final String NOT_UNIQUE = "not unique across all model repositories";
    private static final String DUPLICATE = "model appears in two or more repositories";

    private final RepositoryOptions options;
    private final List<RepositoryPath> paths;
    private final ModelPoller poller;
    private final ModelLifecycle lifecycle = new ModelLifecycle();
    private final ServedModels served = new ServedModels(lifecycle);
    private final ControlThreads threads = new ControlThreads();
    private final VersionOpener opener;
    private final Semaphore permits;

    // Replaced as a whole by each scan; readers take what there is.
    private volatile Map<String, Integer> found = Map.of();

    /**
     * Reads nothing yet but checks the paths.
     *
     * @param loader supplies engines and makes models of configurations
     * @throws StatusException if a path does not exist or is nothing that can be served
     */
    public ModelRepository(RepositoryOptions options, ModelLoader loader) {
        this.options = options;
        this.paths = new TreeSet<>(options.paths()).stream().map(RepositoryPath::of).toList();
        this.poller = new ModelPoller(options.autoComplete(), options.configName());
        this.opener =
                new VersionOpener(
                        loader,
                        lifecycle,
                        new InstanceGroups(options.gpus()),
                        options.autoComplete());
        this.permits = new Semaphore(options.loadThreads());
    }

    /**
     * Loads the models that are to be loaded at start and waits for them. A model that fails is in
     * the log, in the index and in the result; it never keeps another from loading.
     */
    public LoadSummary loadAll() {
        Map<String, PolledModel> polled = new TreeMap<>();
        Map<String, String> refused = new TreeMap<>();
        SortedMap<String, List<ModelLocation>> locations = scan(refused);
        Deque<String> names =
                switch (options.startup()) {
                    case StartupModels.All() -> new ArrayDeque<>(locations.keySet());
                    case StartupModels.Named(List<String> named) -> new ArrayDeque<>(named);
                };
        Set<String> seen = new HashSet<>();
        while (!names.isEmpty()) {
            String name = names.removeFirst();
            if (seen.add(name)) {
                poll(name, locations.getOrDefault(name, List.of()), polled, refused)
                        .ifPresent(model -> names.addAll(model.members()));
            }
        }
        Map<String, LoadOutcome> outcomes =
                new LoadOperation(polled, lifecycle, opener, threads, permits, served).run();
        return summary(outcomes, refused);
    }

    private SortedMap<String, List<ModelLocation>> scan(Map<String, String> refused) {
        SortedMap<String, List<ModelLocation>> locations = new TreeMap<>();
        for (RepositoryPath path : paths) {
            try {
                path.locations()
                        .forEach(location ->
                                locations
                                        .computeIfAbsent(location.name(), _ -> new ArrayList<>())
                                        .add(location));
            } catch (StatusException e) {
                log.error("failed to poll model repository '{}': {}", path, e.text());
                refused.put(path.toString(), e.text());
            }
        }
        Map<String, Integer> counts = new TreeMap<>();
        locations.forEach((name, places) -> counts.put(name, places.size()));
        found = Collections.unmodifiableMap(counts);
        return locations;
    }

    private Optional<PolledModel> poll(
            String name,
            List<ModelLocation> places,
            Map<String, PolledModel> polled,
            Map<String, String> refused) {
        if (places.isEmpty()) {
            return refuse(name, "model not found in any model repository.", refused);
        }
        if (places.size() > 1) {
            return refuse(name, NOT_UNIQUE, refused);
        }
        ModelLocation place = places.getFirst();
        ModelPoller.Outcome outcome =
                ControlThreads.run(
                        () -> poller.poll(place), failure -> poller.failed(place, "", failure));
        return switch (outcome) {
            case ModelPoller.Outcome.Polled(PolledModel model) -> {
                if (polled.putIfAbsent(model.name(), model) != null) {
                    yield refuse(name, NOT_UNIQUE, refused);
                }
                rename(name, model.name());
                yield Optional.of(model);
            }
            case ModelPoller.Outcome.Failed(String _, StatusException reason) -> {
                refused.put(name, reason.text());
                yield Optional.empty();
            }
        };
    }

    private static Optional<PolledModel> refuse(
            String name, String reason, Map<String, String> refused) {
        log.error("failed to poll model '{}': {}", name, reason);
        refused.put(name, reason);
        return Optional.empty();
    }

    /** A model that is a repository by itself may be called other than its directory. */
    private void rename(String from, String to) {
        if (!from.equals(to)) {
            Map<String, Integer> counts = new TreeMap<>(found);
            counts.remove(from);
            counts.merge(to, 1, Integer::sum);
            found = Collections.unmodifiableMap(counts);
        }
    }

    private LoadSummary summary(Map<String, LoadOutcome> outcomes, Map<String, String> refused) {
        SortedMap<String, List<LoadSummary.Row>> rows = new TreeMap<>();
        refused.forEach((model, reason) ->
                rows.put(model, List.of(new LoadSummary.Row(model, "-", "Not loaded: " + reason))));
        outcomes.keySet().forEach(model -> rows.put(model, rows(model)));
        boolean allLoaded =
                refused.isEmpty()
                        && outcomes.values().stream()
                                .allMatch(outcome -> outcome instanceof LoadOutcome.Loaded);
        return new LoadSummary(rows.values().stream().flatMap(List::stream).toList(), allLoaded);
    }

    private List<LoadSummary.Row> rows(String model) {
        List<LoadSummary.Row> rows = new ArrayList<>();
        lifecycle
                .find(model)
                .ifPresent(entry ->
                        entry.versions()
                                .forEach((number, version) ->
                                        rows.add(row(model, number, version))));
        return rows.isEmpty()
                ? List.of(new LoadSummary.Row(model, "-", "Not loaded: No model version was found"))
                : rows;
    }

    private static LoadSummary.Row row(String model, long number, Version version) {
        String reason = version.reason().isEmpty() ? "" : ": " + version.reason();
        return new LoadSummary.Row(model, Long.toString(number), version.state() + reason);
    }

    @Override
    public Model model(String name, OptionalLong version) {
        return lifecycle.served(name, version).model();
    }

    /**
     * Name of a class that a model's output tells apart (repository section 18). Ensembles have the
     * labels of their steps. Never blocks. Called on: any thread.
     *
     * @param model name of a model; its newest version that is ready counts
     * @param output name of an output
     * @param index number of the class, from 0
     */
    public Optional<String> label(String model, String output, long index) {
        return lifecycle
                .find(model)
                .flatMap(ModelLifecycle.Entry::newest)
                .flatMap(served -> served.label(output, index));
    }

    @Override
    public List<Long> readyVersions(String name) {
        return lifecycle.find(name).map(ModelLifecycle.Entry::readyVersions).orElseGet(List::of);
    }

    @Override
    public boolean allReady() {
        return lifecycle.allReady();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Directories of the repositories that were never loaded are listed by name alone; models
     * without any version to serve are not listed.
     */
    @Override
    public List<IndexEntry> index() {
        Map<String, ModelLifecycle.Entry> table = lifecycle.snapshot();
        Map<String, Integer> directories = found;
        Set<String> names = new TreeSet<>(directories.keySet());
        names.addAll(table.keySet());
        List<IndexEntry> index = new ArrayList<>();
        for (String name : names) {
            ModelLifecycle.Entry entry = table.get(name);
            if (directories.getOrDefault(name, 0) > 1) {
                index.add(
                        new IndexEntry(
                                name,
                                OptionalLong.empty(),
                                Optional.of(VersionState.UNAVAILABLE),
                                DUPLICATE));
            } else if (entry == null) {
                index.add(new IndexEntry(name, OptionalLong.empty(), Optional.empty(), ""));
            } else {
                entry.versions()
                        .forEach((number, version) -> index.add(line(name, number, version)));
            }
        }
        return index;
    }

    private static IndexEntry line(String name, long number, Version version) {
        return new IndexEntry(
                name, OptionalLong.of(number), Optional.of(version.state()), version.reason());
    }

    /** Ends loading and closes every model, ensembles before the models that they ask. */
    @Override
    public void close() {
        served.stop();
        threads.close();
        served.closeAll();
    }
}
