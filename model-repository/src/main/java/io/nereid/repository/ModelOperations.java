package io.nereid.repository;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads and unloads models (repository sections 7 and 8): plans, runs the plan while it holds every
 * model that is touched, and remembers what came of it. Blocks; used by control threads, several at
 * a time.
 */
final class ModelOperations implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModelOperations.class);

    private final ModelLifecycle lifecycle;
    private final LoadPlanner planner;
    private final VersionOpener opener;
    private final Semaphore permits;
    private final int loadRetries;
    private final ServedModels served;
    private final KnownModels known;
    private final ModelChanges changes;
    private final ControlThreads threads = new ControlThreads();

    /**
     * @param loadThreads versions that are loaded at the same time
     * @param loadRetries how often a version that cannot be loaded is tried again
     */
    ModelOperations(
            ModelLifecycle lifecycle,
            ModelDirectories directories,
            ModelPoller poller,
            VersionOpener opener,
            int loadThreads,
            int loadRetries) {
        this.lifecycle = lifecycle;
        this.known = new KnownModels();
        this.planner = new LoadPlanner(directories, poller, known, lifecycle);
        this.opener = opener;
        this.permits = new Semaphore(loadThreads);
        this.loadRetries = loadRetries;
        this.served = new ServedModels(lifecycle);
        this.changes = new ModelChanges(known);
    }

    /**
     * What came of a load.
     *
     * @param asked identifiers of the models that were asked for by name
     * @param outcomes by identifier of the model, for those that were to be loaded
     * @param refused why models could not be read, by identifier
     */
    record Result(
            Set<String> asked, Map<String, LoadOutcome> outcomes, Map<String, String> refused) {}

    /** Loads what there is to be loaded at start. */
    Result loadAtStart(StartupModels startup) {
        return switch (startup) {
            case StartupModels.All() -> run(planner::planAll);
            case StartupModels.Named(Collection<String> names) ->
                    run(copies -> planner.plan(names, Map.of(), copies));
        };
    }

    /**
     * Loads models of repositories that are watched.
     *
     * @param ids identifiers of the models
     * @param quiet as for {@link LoadPlanner#planQuiet}
     */
    Result loadQuiet(Set<String> ids, Map<String, DirectoryState> quiet) {
        return run(copies -> planner.planQuiet(ids, quiet, copies));
    }

    /** Identifiers of all models that are wanted, and of what ensembles among them need. */
    Set<String> wanted() {
        KnownModels.Snapshot now = known.snapshot();
        Set<String> wanted = new HashSet<>(now.models().keySet());
        now.models().keySet().forEach(id -> wanted.addAll(now.membersOf(id)));
        return wanted;
    }

    /** Takes models out of service that are not in their repositories any more. */
    void unloadGone(Set<String> ids) {
        changes.run(() -> UnloadPlan.of(known.snapshot(), ids, false), this::unload);
    }

    /**
     * Loads all models of a name, and what they need.
     *
     * @throws StatusException with the texts of repository section 7.2
     */
    void load(String model, ModelOverride override) {
        Optional<HeldDirectory> files = files(model, override);
        try {
            LoadPlanner.Brought brought = new LoadPlanner.Brought(override.config(), files);
            Result result =
                    run(copies -> planner.plan(Set.of(model), Map.of(model, brought), copies));
            new TreeSet<>(result.asked()).forEach(id -> requireLoaded(id, result));
        } finally {
            files.ifPresent(HeldDirectory::close);
        }
    }

    private void requireLoaded(String model, Result result) {
        if (result.refused().containsKey(model)) {
            throw notPolled(model);
        }
        switch (result.outcomes().getOrDefault(model, new LoadOutcome.Loaded())) {
            case LoadOutcome.Loaded() -> {}
            case LoadOutcome.Failed(String text) -> throw failed(model, text);
            case LoadOutcome.Invalid(String text) -> throw failed(model, text);
        }
    }

    /** Writes what came with the request; what is wrong with it is only in the log. */
    private static Optional<HeldDirectory> files(String model, ModelOverride override) {
        if (override.files().isEmpty()) {
            return Optional.empty();
        }
        try {
            if (override.config().isEmpty()) {
                throw StatusException.invalidArgument(
                        "Load parameter 'config' must be specified for model file override");
            }
            return Optional.of(OverrideFiles.write(override.files()));
        } catch (StatusException e) {
            log.error("Poll failed for model directory '{}': {}", model, e.text());
            throw notPolled(model);
        }
    }

    private static StatusException notPolled(String model) {
        return new StatusException(
                StatusCode.INTERNAL,
                "failed to load '" + model + "', failed to poll from model repository");
    }

    private static StatusException failed(String model, String text) {
        return StatusException.invalidArgument(
                "load failed for model '" + model + "': " + text + "\n");
    }

    private Result run(Function<RemoteCopies, LoadPlan> planning) {
        try (RemoteCopies copies = new RemoteCopies()) {
            return changes.run(() -> planning.apply(copies), this::run);
        }
    }

    private Result run(LoadPlan plan) {
        Map<String, LoadOutcome> outcomes =
                new LoadOperation(plan, lifecycle, opener, threads, permits, loadRetries, served)
                        .run();
        remember(plan, outcomes);
        plan.changed()
                .forEach((id, model) -> {
                    if (outcomes.get(id) instanceof LoadOutcome.Loaded) {
                        model.polled().agents().loadComplete();
                    }
                });
        return new Result(plan.asked(), outcomes, plan.refused());
    }

    private void remember(LoadPlan plan, Map<String, LoadOutcome> outcomes) {
        Map<String, KnownModel> next = new HashMap<>();
        Set<String> forgotten = new HashSet<>();
        for (String name : plan.asked()) {
            plan.before().find(name).ifPresent(model -> next.put(name, model.asExplicit()));
        }
        plan.changed()
                .forEach((name, model) ->
                        remembered(plan, name, model, outcomes.get(name))
                                .ifPresentOrElse(
                                        kept -> next.put(name, kept), () -> forgotten.add(name)));
        known.change(next, forgotten);
    }

    /** After a failure what was known before holds, so that the next load tries again. */
    private Optional<KnownModel> remembered(
            LoadPlan plan, String name, KnownModel model, @Nullable LoadOutcome outcome) {
        if (outcome instanceof LoadOutcome.Loaded) {
            return Optional.of(model);
        }
        Optional<KnownModel> before = plan.before().find(name);
        if (before.isPresent() && !lifecycle.readyVersions(name).isEmpty()) {
            return before.map(old -> model.explicit() ? old.asExplicit() : old);
        }
        return model.polled().cameWithRequest()
                ? Optional.empty()
                : Optional.of(
                        new KnownModel(
                                model.polled().unattended(),
                                ModelRevision.NEVER,
                                model.explicit()));
    }

    /**
     * Takes all models of a name out of service, and the ensembles that need them.
     *
     * @param withMembers whether models that are there only because of these go too
     */
    void unload(String name, boolean withMembers) {
        changes.run(() -> UnloadPlan.of(known.snapshot(), name, withMembers), this::unload);
    }

    private Boolean unload(UnloadPlan plan) {
        Map<String, String> reasons = new TreeMap<>();
        for (String ensemble : plan.orphaned()) {
            String reason = reason(plan, ensemble, reasons);
            reasons.put(ensemble, reason);
            log.error("failed to load '{}': Invalid argument: {}", ensemble, reason);
        }
        // Ensembles first: one whose member has gone would accept requests only to fail them.
        plan.orphaned().reversed().forEach(served::withdraw);
        plan.going().forEach(served::withdraw);
        known.change(Map.of(), plan.going());
        return true;
    }

    private static String reason(UnloadPlan plan, String ensemble, Map<String, String> reasons) {
        Set<String> members = plan.before().membersOf(ensemble);
        List<String> gone = members.stream().filter(plan.going()::contains).toList();
        if (!gone.isEmpty()) {
            return LoadOperation.unavailableMembers(ensemble, gone);
        }
        return members.stream()
                .filter(reasons::containsKey)
                .findFirst()
                .map(member ->
                        LoadOperation.invalidMember(
                                ensemble, member, reasons.getOrDefault(member, "")))
                .orElseThrow(
                        () -> new IllegalStateException("'" + ensemble + "' has lost no member"));
    }

    /** Ends loading, then closes every model, ensembles before the models that they ask. */
    @Override
    public void close() {
        served.stop();
        changes.closeAndAwait();
        threads.close();
        served.closeAll();
        known.clear();
    }
}
