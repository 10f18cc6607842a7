package io.nereid.repository;

import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.ModelLifecycle.Version;
import io.nereid.repository.store.ModelStores;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The models of one or more directories: finds them, reads their configurations, loads them and
 * knows which of them answer.
 *
 * <p>Threads: everything of {@link ModelControl}, {@link #index}, {@link #loadAll} and {@link
 * #close} blocks and belongs on a control thread; loading uses virtual threads of its own. The rest
 * of {@link ModelCatalog} reads an immutable snapshot, from any thread. Owns the loaded models
 * until it is closed.
 */
public final class ModelRepository implements ModelCatalog, ModelControl, AutoCloseable {
    private static final String DUPLICATE = "model appears in two or more repositories";

    private final RepositoryOptions options;
    private final ModelStores stores;
    private final ModelDirectories directories;
    private final ModelLifecycle lifecycle = new ModelLifecycle();
    private final ModelOperations operations;
    private final Optional<RepositoryPolling> polling;
    private final PollThread pollThread = new PollThread();

    /**
     * Models in directories. Reads nothing yet but checks the paths.
     *
     * @param loader supplies engines and makes models of configurations
     * @throws StatusException if a path does not exist or is nothing that can be served
     */
    public ModelRepository(RepositoryOptions options, ModelLoader loader) {
        this(options, loader, ModelStores.none(), System::nanoTime);
    }

    /**
     * The same with a clock.
     *
     * @param nanoTime time in nanoseconds, which polling goes by
     */
    ModelRepository(RepositoryOptions options, ModelLoader loader, LongSupplier nanoTime) {
        this(options, loader, ModelStores.none(), nanoTime);
    }

    /**
     * Reads nothing yet but checks the paths; asks stores whether theirs exist.
     *
     * @param loader supplies engines and makes models of configurations
     * @param stores object stores; borrowed, and stopped when this is closed
     * @throws StatusException if a path does not exist or is nothing that can be served
     */
    public ModelRepository(RepositoryOptions options, ModelLoader loader, ModelStores stores) {
        this(options, loader, stores, System::nanoTime);
    }

    /**
     * The same with repository agents.
     *
     * @param agents those that configurations may name
     */
    public ModelRepository(
            RepositoryOptions options,
            ModelLoader loader,
            ModelStores stores,
            RepositoryAgents agents) {
        this(options, loader, stores, agents, System::nanoTime);
    }

    /**
     * The same with a clock.
     *
     * @param nanoTime time in nanoseconds, which polling goes by
     */
    ModelRepository(
            RepositoryOptions options,
            ModelLoader loader,
            ModelStores stores,
            LongSupplier nanoTime) {
        this(options, loader, stores, RepositoryAgents.builtIn(), nanoTime);
    }

    private ModelRepository(
            RepositoryOptions options,
            ModelLoader loader,
            ModelStores stores,
            RepositoryAgents agents,
            LongSupplier nanoTime) {
        this.options = options;
        this.stores = stores;
        this.directories = ModelDirectories.of(options, stores);
        this.operations =
                new ModelOperations(
                        lifecycle,
                        directories,
                        new ModelPoller(options.autoComplete(), options.configName(), agents),
                        new VersionOpener(
                                loader,
                                lifecycle,
                                new ConfigCompletion(
                                        loader::backend,
                                        new InstanceGroups(options.gpus()),
                                        options.autoComplete())),
                        options.loadThreads(),
                        options.loadRetries());
        this.polling =
                options.polling()
                        .map(watched ->
                                new RepositoryPolling(
                                        directories,
                                        operations,
                                        watched,
                                        options.startup(),
                                        nanoTime));
    }

    /** What watches the repositories, if they are watched. */
    Optional<RepositoryPolling> polling() {
        return polling;
    }

    /**
     * Loads the models that are to be loaded at start and waits for them. A model that fails is in
     * the log, in the index and in the result; it never keeps another from loading.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting} once closed
     */
    public LoadSummary loadAll() {
        ModelOperations.Result result =
                polling.map(watched -> watched.start(pollThread))
                        .orElseGet(() -> operations.loadAtStart(options.startup()));
        return summary(result.outcomes(), result.refused());
    }

    /**
     * Begins to watch the repositories, if that is asked for, on a thread of its own. Called once
     * {@link #loadAll} has returned.
     */
    public void startPolling() {
        polling.ifPresent(pollThread::start);
    }

    @Override
    public void load(String model, ModelOverride override) {
        requireOnRequest();
        operations.load(ModelNames.check(model), override);
    }

    @Override
    public void unload(String model, boolean withDependents) {
        requireOnRequest();
        operations.unload(model, withDependents);
    }

    private void requireOnRequest() {
        if (!options.onRequest()) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "explicit model load / unload is not allowed if polling is enabled");
        }
    }

    @Override
    public void awaitUnloaded(String model) {
        lifecycle.awaitNameInactive(model);
    }

    @Override
    public void register(Path repository, Map<String, String> names) {
        requireRegistration();
        directories.register(repository, names);
    }

    @Override
    public void unregister(Path repository) {
        requireRegistration();
        directories.unregister(repository);
    }

    private void requireRegistration() {
        if (!options.onRequest()) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "repository registration is not allowed if model control mode is not"
                            + " EXPLICIT");
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

    @Override
    public @Owned ModelLease lease(String name, OptionalLong version) {
        return lifecycle.lease(name, version);
    }

    /**
     * A model that an ensemble asks, kept open for its request. Never blocks. Called on: any
     * thread.
     *
     * @param id its {@linkplain ModelId identifier}
     * @param version version asked for; empty for the highest that is ready
     * @throws StatusException as {@link #model}
     */
    public @Owned ModelLease leaseMember(String id, OptionalLong version) {
        return lifecycle.leaseMember(id, version);
    }

    @Override
    public SortedSet<String> names() {
        return lifecycle.names();
    }

    @Override
    public List<Long> readyVersions(String name) {
        return lifecycle.named(name).map(ModelLifecycle.Entry::readyVersions).orElseGet(List::of);
    }

    @Override
    public boolean allReady() {
        return lifecycle.allReady();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Of models without any version to serve nothing is listed.
     */
    @Override
    public List<IndexEntry> index() {
        Map<String, ModelLifecycle.Entry> table = lifecycle.snapshot();
        List<IndexEntry> index = new ArrayList<>();
        directories
                .find()
                .places()
                .forEach((id, places) -> {
                    String name = places.getFirst().name();
                    ModelLifecycle.Entry entry = table.get(id);
                    if (places.size() > 1) {
                        index.add(duplicate(name));
                    } else if (entry == null) {
                        index.add(new IndexEntry(name, OptionalLong.empty(), Optional.empty(), ""));
                    } else {
                        entry.versions()
                                .forEach((number, version) ->
                                        index.add(line(name, number, version)));
                    }
                });
        return index;
    }

    private static IndexEntry duplicate(String name) {
        return new IndexEntry(
                name, OptionalLong.empty(), Optional.of(VersionState.UNAVAILABLE), DUPLICATE);
    }

    private static IndexEntry line(String name, long number, Version version) {
        return new IndexEntry(
                name, OptionalLong.of(number), Optional.of(version.state()), version.reason());
    }

    /** Ends loading and closes every model, ensembles before the models that they ask. */
    @Override
    public void close() {
        stores.stop();
        pollThread.close();
        operations.close();
    }
}
