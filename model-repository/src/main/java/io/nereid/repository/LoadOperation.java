package io.nereid.repository;

import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.ModelLifecycle.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a set of models once: each on a thread of its own, ensembles after their members. A model
 * is loaded as a whole or not at all (repository section 7.1).
 */
final class LoadOperation {
    private static final Logger log = LoggerFactory.getLogger(LoadOperation.class);

    private final LoadPlan plan;
    private final Map<String, PolledModel> models;
    private final ModelLifecycle lifecycle;
    private final VersionOpener opener;
    private final ControlThreads threads;
    private final Semaphore permits;
    private final int retries;
    private final ServedModels served;
    private final Map<String, String> cycles;
    private final Map<String, CompletableFuture<LoadOutcome>> outcomes = new ConcurrentHashMap<>();

    /**
     * @param permits as many as versions may be opened at the same time
     * @param retries how often a version that cannot be opened is tried again
     */
    LoadOperation(
            LoadPlan plan,
            ModelLifecycle lifecycle,
            VersionOpener opener,
            ControlThreads threads,
            Semaphore permits,
            int retries,
            ServedModels served) {
        this.plan = plan;
        this.models = plan.toLoad();
        this.lifecycle = lifecycle;
        this.opener = opener;
        this.threads = threads;
        this.permits = permits;
        this.retries = retries;
        this.served = served;
        this.cycles = EnsembleCycles.find(plan.graph());
    }

    /** Loads the models and waits for all of them. Throws nothing for a model that fails. */
    Map<String, LoadOutcome> run() {
        models.values()
                .forEach(model ->
                        threads.start(
                                outcome(model.id()),
                                () -> load(model),
                                failure -> failed(model, failure)));
        Map<String, LoadOutcome> results = new TreeMap<>();
        outcomes.forEach((name, outcome) -> results.put(name, outcome.join()));
        return results;
    }

    private CompletableFuture<LoadOutcome> outcome(String name) {
        return outcomes.computeIfAbsent(name, _ -> new CompletableFuture<>());
    }

    private LoadOutcome failed(PolledModel model, StatusException failure) {
        log.error("failed to load model '{}': {}", model.id(), failure.text());
        lifecycle.abandon(model.id(), failure.describe());
        return new LoadOutcome.Failed(failure.text());
    }

    private LoadOutcome load(PolledModel model) {
        lifecycle.register(model.id(), model.config().getName());
        List<Long> versions =
                VersionDirectories.select(
                        model.id(), model.config().getVersionPolicy(), model.existing());
        Set<Long> kept = model.isEnsemble() ? Set.of() : unchanged(model, versions);
        if (model.isEnsemble()) {
            // One that was unloaded stays so unless its members let it come back.
            begin(model, versions, version -> !version.reason().equals(ModelLifecycle.UNLOADED));
            Optional<String> refusal = refusal(model);
            if (refusal.isPresent()) {
                return deny(model, refusal.get(), "");
            }
        }
        begin(model, versions, _ -> true);
        List<Long> toOpen = versions.stream().filter(version -> !kept.contains(version)).toList();
        return conclude(model, open(model, toOpen), kept);
    }

    /** Versions that are in service and would be loaded again from the very same files. */
    private Set<Long> unchanged(PolledModel model, List<Long> versions) {
        Optional<KnownModel> before = plan.before().find(model.id());
        KnownModel next = plan.changed().get(model.id());
        if (before.isEmpty()
                || next == null
                || !before.get().polled().origin().equals(model.origin())
                || !withoutInstances(before.get().polled()).equals(withoutInstances(model))) {
            return Set.of();
        }
        boolean sameInstances = hasSameInstances(model);
        String config = model.configEntry();
        return versions.stream()
                .filter(version ->
                        served(model.id(), version)
                                .filter(ready ->
                                        sameInstances || ready.model().instances().isPresent())
                                .isPresent())
                .filter(version ->
                        next.revision().hasSameVersion(before.get().revision(), version, config))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** What, if it is the same, spares a version from being loaded again (section 12). */
    private static ModelConfigProto.ModelConfig withoutInstances(PolledModel model) {
        return model.config().toBuilder().clearInstanceGroup().clearVersionPolicy().build();
    }

    private boolean hasSameInstances(PolledModel model) {
        return plan.before()
                .find(model.id())
                .map(before -> before.polled().config().getInstanceGroupList())
                .filter(model.config().getInstanceGroupList()::equals)
                .isPresent();
    }

    private Optional<ReadyModel> served(String model, long version) {
        return version(model, version).flatMap(Version::served);
    }

    /** Gives versions that stay in service their new instances; those that would not take them. */
    private List<Opened> update(PolledModel model, Set<Long> kept) {
        List<Opened> failed = new ArrayList<>();
        for (long version : hasSameInstances(model) ? Set.<Long>of() : kept) {
            ReadyModel ready = served(model.id(), version).orElseThrow();
            ControlThreads.run(
                            () -> {
                                opener.update(ready, model);
                                return Optional.<StatusException>empty();
                            },
                            Optional::of)
                    .ifPresent(failure -> failed.add(Opened.failed(version, failure)));
        }
        return failed;
    }

    /** Versions that answer go on as READY while their successors are loaded. */
    private void begin(PolledModel model, List<Long> versions, Predicate<Version> which) {
        Map<Long, Version> loading = new TreeMap<>();
        for (long number : versions) {
            Optional<Version> now = version(model.id(), number);
            boolean idle =
                    now.map(Version::state)
                            .map(state ->
                                    state != VersionState.READY && state != VersionState.LOADING)
                            .orElse(true);
            if (idle && now.map(which::test).orElse(true)) {
                loading.put(number, Version.LOADING);
            }
        }
        lifecycle.transition(model.id(), loading);
    }

    private Optional<Version> version(String model, long number) {
        return lifecycle
                .find(model)
                .flatMap(entry -> Optional.ofNullable(entry.versions().get(number)));
    }

    /** An ensemble does not keep an old version when its members do not suit it any more. */
    private LoadOutcome deny(PolledModel ensemble, String refusal, String hint) {
        String reason = StatusException.invalidArgument(refusal).describe();
        log.error("failed to load '{}': {}{}", ensemble.id(), reason, hint);
        served.withdraw(ensemble.id());
        lifecycle.abandon(ensemble.id(), reason);
        return new LoadOutcome.Invalid(refusal);
    }

    /** Why an ensemble cannot be loaded; waits for its members (repository section 13). */
    private Optional<String> refusal(PolledModel ensemble) {
        List<String> unknown = ensemble.members().stream().filter(name -> !isKnown(name)).toList();
        if (!unknown.isEmpty()) {
            return Optional.of(unavailableMembers(ensemble.id(), unknown));
        }
        Optional<String> cycle = Optional.ofNullable(cycles.get(ensemble.id()));
        if (cycle.isPresent()) {
            return cycle;
        }
        return ensemble.config().getEnsembleScheduling().getStepList().stream()
                .flatMap(step ->
                        memberRefusal(
                                ensemble.id(), PolledModel.memberOf(step), step.getModelVersion())
                                .stream())
                .findFirst();
    }

    /** Says that an ensemble needs models that are not there. */
    static String unavailableMembers(String ensemble, List<String> members) {
        return "ensemble "
                + ensemble
                + " contains models that are not available or ambiguous: "
                + String.join(", ", members);
    }

    /** Says that an ensemble needs an ensemble that cannot be loaded. */
    static String invalidMember(String ensemble, String member, String reason) {
        return subject(ensemble, member)
                + "which is not valid. Model '"
                + member
                + "' failed with error: "
                + reason;
    }

    /** Says that an ensemble needs a model that could not be loaded. */
    static String failedMember(String ensemble, String member, String reason) {
        return subject(ensemble, member)
                + "which has no loaded version. Model '"
                + member
                + "' loading failed with error: "
                + reason;
    }

    /** Says that an ensemble needs a version that is not there. */
    static String missingVersion(String ensemble, String member, long version) {
        return subject(ensemble, member) + "whose required version " + version + " is not loaded.";
    }

    private static String subject(String ensemble, String member) {
        return "ensemble '" + ensemble + "' depends on '" + member + "' ";
    }

    private boolean isKnown(String name) {
        return models.containsKey(name) || plan.before().find(name).isPresent();
    }

    private Optional<String> memberRefusal(String ensemble, String member, long version) {
        LoadOutcome outcome =
                models.containsKey(member) ? outcome(member).join() : new LoadOutcome.Loaded();
        List<Long> ready = lifecycle.readyVersions(member);
        if (outcome instanceof LoadOutcome.Invalid(String text)) {
            return Optional.of(invalidMember(ensemble, member, text));
        }
        if (ready.isEmpty() && outcome instanceof LoadOutcome.Failed(String text)) {
            return Optional.of(failedMember(ensemble, member, text));
        }
        if (ready.isEmpty()) {
            return Optional.of(subject(ensemble, member) + "which has no loaded version.");
        }
        if (version >= 0 && !ready.contains(version)) {
            return Optional.of(missingVersion(ensemble, member, version));
        }
        return Optional.empty();
    }

    /** A version that was opened, or why it was not. */
    private record Opened(
            long version, Optional<ReadyModel> served, Optional<StatusException> failure) {
        static Opened failed(long version, StatusException failure) {
            return new Opened(version, Optional.empty(), Optional.of(failure));
        }
    }

    private List<Opened> open(PolledModel model, List<Long> versions) {
        List<CompletableFuture<Opened>> opening = new ArrayList<>();
        for (long version : versions) {
            CompletableFuture<Opened> opened = new CompletableFuture<>();
            opening.add(opened);
            threads.start(
                    opened, () -> open(model, version), failure -> Opened.failed(version, failure));
        }
        return opening.stream().map(CompletableFuture::join).toList();
    }

    /** Opens a version, several times if need be (repository section 6). */
    private Opened open(PolledModel model, long version) {
        Opened opened = openOnce(model, version);
        for (int retry = 1; retry <= retries && opened.failure().isPresent(); retry++) {
            log.warn(
                    "failed to load '{}' version {}, retry {} of {}: {}",
                    model.id(),
                    version,
                    retry,
                    retries,
                    opened.failure().map(StatusException::describe).orElse(""));
            opened = openOnce(model, version);
        }
        return opened;
    }

    private Opened openOnce(PolledModel model, long version) {
        return ControlThreads.run(
                () -> openNow(model, version), failure -> Opened.failed(version, failure));
    }

    private Opened openNow(PolledModel model, long version) {
        permits.acquireUninterruptibly();
        try {
            served.requireOpen();
            log.info("loading: {}:{}", model.id(), version);
            return new Opened(version, Optional.of(opener.open(model, version)), Optional.empty());
        } finally {
            permits.release();
        }
    }

    private LoadOutcome conclude(PolledModel model, List<Opened> opened, Set<Long> kept) {
        Optional<InvalidConfigException> invalid =
                model.isEnsemble() ? firstInvalid(opened) : Optional.empty();
        if (invalid.isPresent()) {
            opened.forEach(version -> version.served().ifPresent(ServedModels::free));
            return deny(model, invalid.get().text(), model.source().hint(invalid.get()));
        }
        if (opened.stream().anyMatch(version -> version.failure().isPresent())) {
            return giveUp(model, opened, Set.of());
        }
        if (hasChangedMeanwhile(model)) {
            return giveUp(model, opened.stream().map(LoadOperation::outrun).toList(), Set.of());
        }
        List<Opened> notUpdated = update(model, kept);
        if (!notUpdated.isEmpty()) {
            opened.forEach(version -> version.served().ifPresent(ServedModels::free));
            return giveUp(model, notUpdated, kept);
        }
        Map<Long, ReadyModel> ready = new TreeMap<>();
        for (Opened version : opened) {
            version.served().ifPresent(loaded -> ready.put(version.version(), loaded));
        }
        served.replace(model.id(), ready, kept);
        log.info("successfully loaded '{}'", model.id());
        return new LoadOutcome.Loaded();
    }

    /** A graph that its members do not suit is refused as a whole, not by version. */
    private static Optional<InvalidConfigException> firstInvalid(List<Opened> opened) {
        return opened.stream()
                .flatMap(version -> version.failure().stream())
                .filter(InvalidConfigException.class::isInstance)
                .map(InvalidConfigException.class::cast)
                .findFirst();
    }

    /** Whether somebody was writing while it was read, so that nobody knows what was read. */
    private boolean hasChangedMeanwhile(PolledModel model) {
        DirectoryState seen = plan.quiet().get(model.id());
        return seen != null
                && plan.changed().containsKey(model.id())
                && model.files().isEmpty()
                && !DirectoryState.of(model.place()).equals(seen);
    }

    private static Opened outrun(Opened opened) {
        opened.served().ifPresent(ServedModels::free);
        return Opened.failed(
                opened.version(),
                new StatusException(
                        StatusCode.UNAVAILABLE,
                        "its files were changed while it was loaded; it is loaded once they are"
                                + " quiet"));
    }

    /**
     * Releases the versions that could be opened. What was in service stays there, except an
     * ensemble: its members have changed, or are about to.
     *
     * @param staying versions that are in service and were to stay
     */
    private LoadOutcome giveUp(PolledModel model, List<Opened> opened, Set<Long> staying) {
        Map<Long, Version> states = new TreeMap<>();
        StringBuilder text = new StringBuilder();
        for (Opened version : opened) {
            version.served().ifPresent(ServedModels::free);
            String reason =
                    version.failure()
                            .map(StatusException::describe)
                            .orElse(ModelLifecycle.UNLOADED);
            if (version(model.id(), version.version()).filter(Version::isReady).isEmpty()) {
                states.put(version.version(), Version.unavailable(reason));
            }
            version.failure().ifPresent(failure -> logFailure(model, version.version(), failure));
            if (version.failure().isPresent()) {
                text.append("version ")
                        .append(version.version())
                        .append(" is at ")
                        .append(
                                staying.contains(version.version())
                                        ? VersionState.READY
                                        : VersionState.UNAVAILABLE)
                        .append(" state: ")
                        .append(reason)
                        .append(';');
            }
        }
        lifecycle.transition(model.id(), states);
        if (model.isEnsemble()) {
            served.withdraw(model.id());
        }
        log.error("failed to load '{}'", model.id());
        return new LoadOutcome.Failed(text.toString());
    }

    private static void logFailure(PolledModel model, long version, StatusException failure) {
        log.error(
                "failed to load '{}' version {}: {}{}",
                model.id(),
                version,
                failure.describe(),
                model.source().hint(failure),
                failure.code() == StatusCode.INTERNAL ? failure.getCause() : null);
    }
}
