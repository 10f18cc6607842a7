package io.nereid.repository;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.ModelLifecycle.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a set of models once: each on a thread of its own, ensembles after their members. A model
 * is loaded as a whole or not at all (repository section 7.1).
 */
final class LoadOperation {
    private static final Logger log = LoggerFactory.getLogger(LoadOperation.class);

    private final Map<String, PolledModel> models;
    private final ModelLifecycle lifecycle;
    private final VersionOpener opener;
    private final ControlThreads threads;
    private final Semaphore permits;
    private final ServedModels served;
    private final Map<String, String> cycles;
    private final Map<String, CompletableFuture<LoadOutcome>> outcomes = new ConcurrentHashMap<>();

    /**
     * @param models what to load, by name
     * @param permits as many as versions may be opened at the same time
     */
    LoadOperation(
            Map<String, PolledModel> models,
            ModelLifecycle lifecycle,
            VersionOpener opener,
            ControlThreads threads,
            Semaphore permits,
            ServedModels served) {
        this.models = models;
        this.lifecycle = lifecycle;
        this.opener = opener;
        this.threads = threads;
        this.permits = permits;
        this.served = served;
        this.cycles = EnsembleCycles.find(models);
    }

    /** Loads the models and waits for all of them. Throws nothing for a model that fails. */
    Map<String, LoadOutcome> run() {
        models.values()
                .forEach(model ->
                        threads.start(
                                outcome(model.name()),
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
        log.error("failed to load model '{}': {}", model.name(), failure.text());
        lifecycle.abandon(model.name(), failure.describe());
        return new LoadOutcome.Failed(failure.text());
    }

    private LoadOutcome load(PolledModel model) {
        lifecycle.register(model.name());
        List<Long> versions =
                VersionDirectories.select(
                        model.name(), model.config().getVersionPolicy(), model.existing());
        lifecycle.transition(model.name(), all(versions, Version.LOADING));
        Optional<String> refusal = model.isEnsemble() ? refusal(model) : Optional.empty();
        if (refusal.isPresent()) {
            String reason = StatusException.invalidArgument(refusal.get()).describe();
            log.error("failed to load '{}': {}", model.name(), reason);
            lifecycle.transition(model.name(), all(versions, Version.unavailable(reason)));
            return new LoadOutcome.Invalid(refusal.get());
        }
        return conclude(model, open(model, versions));
    }

    private static Map<Long, Version> all(List<Long> versions, Version state) {
        Map<Long, Version> all = new TreeMap<>();
        versions.forEach(version -> all.put(version, state));
        return all;
    }

    /** Why an ensemble cannot be loaded; waits for its members (repository section 13). */
    private Optional<String> refusal(PolledModel ensemble) {
        List<String> unknown = ensemble.members().stream().filter(name -> !isKnown(name)).toList();
        if (!unknown.isEmpty()) {
            return Optional.of(
                    "ensemble "
                            + ensemble.name()
                            + " contains models that are not available or ambiguous: "
                            + String.join(", ", unknown));
        }
        Optional<String> cycle = Optional.ofNullable(cycles.get(ensemble.name()));
        if (cycle.isPresent()) {
            return cycle;
        }
        return ensemble.config().getEnsembleScheduling().getStepList().stream()
                .flatMap(step ->
                        memberRefusal(ensemble.name(), step.getModelName(), step.getModelVersion())
                                .stream())
                .findFirst();
    }

    private boolean isKnown(String name) {
        return models.containsKey(name) || lifecycle.find(name).isPresent();
    }

    private Optional<String> memberRefusal(String ensemble, String member, long version) {
        String subject = "ensemble '" + ensemble + "' depends on '" + member + "' ";
        LoadOutcome outcome =
                models.containsKey(member) ? outcome(member).join() : new LoadOutcome.Loaded();
        String failure =
                switch (outcome) {
                    case LoadOutcome.Loaded() -> "";
                    case LoadOutcome.Invalid(String text) -> {
                        yield "which is not valid. Model '"
                                + member
                                + "' failed with error: "
                                + text;
                    }
                    case LoadOutcome.Failed(String text) -> {
                        yield "which has no loaded version. Model '"
                                + member
                                + "' loading failed with error: "
                                + text;
                    }
                };
        if (!failure.isEmpty()) {
            return Optional.of(subject + failure);
        }
        List<Long> ready =
                lifecycle.find(member).map(ModelLifecycle.Entry::readyVersions).orElseGet(List::of);
        if (ready.isEmpty()) {
            return Optional.of(subject + "which has no loaded version.");
        }
        if (version >= 0 && !ready.contains(version)) {
            return Optional.of(subject + "whose required version " + version + " is not loaded.");
        }
        return Optional.empty();
    }

    /** A version that was opened, or why it was not. */
    private record Opened(
            long version, Optional<ReadyModel> served, Optional<StatusException> failure) {}

    private List<Opened> open(PolledModel model, List<Long> versions) {
        List<CompletableFuture<Opened>> opening = new ArrayList<>();
        for (long version : versions) {
            CompletableFuture<Opened> opened = new CompletableFuture<>();
            opening.add(opened);
            threads.start(
                    opened,
                    () -> open(model, version),
                    failure -> new Opened(version, Optional.empty(), Optional.of(failure)));
        }
        return opening.stream().map(CompletableFuture::join).toList();
    }

    private Opened open(PolledModel model, long version) {
        permits.acquireUninterruptibly();
        try {
            served.requireOpen();
            log.info("loading: {}:{}", model.name(), version);
            return new Opened(version, Optional.of(opener.open(model, version)), Optional.empty());
        } finally {
            permits.release();
        }
    }

    private LoadOutcome conclude(PolledModel model, List<Opened> opened) {
        List<Opened> failures =
                opened.stream().filter(version -> version.failure().isPresent()).toList();
        if (failures.isEmpty()) {
            Map<Long, Version> ready = new TreeMap<>();
            for (Opened version : opened) {
                version.served().map(Version::ready).ifPresent(v -> ready.put(version.version, v));
            }
            served.add(model.name(), ready);
            log.info("successfully loaded '{}'", model.name());
            return new LoadOutcome.Loaded();
        }
        return giveUp(model, opened);
    }

    /** Releases the versions that could be opened; the model is not served by a part of them. */
    private LoadOutcome giveUp(PolledModel model, List<Opened> opened) {
        Map<Long, Version> states = new TreeMap<>();
        StringBuilder text = new StringBuilder();
        for (Opened version : opened) {
            version.served().ifPresent(ServedModels::close);
            String reason =
                    version.failure()
                            .map(StatusException::describe)
                            .orElse(ModelLifecycle.UNLOADED);
            states.put(version.version(), Version.unavailable(reason));
            version.failure().ifPresent(failure -> logFailure(model, version.version(), failure));
            if (version.failure().isPresent()) {
                text.append("version ")
                        .append(version.version())
                        .append(" is at UNAVAILABLE state: ")
                        .append(reason)
                        .append(';');
            }
        }
        lifecycle.transition(model.name(), states);
        return new LoadOutcome.Failed(text.toString());
    }

    private static void logFailure(PolledModel model, long version, StatusException failure) {
        log.error(
                "{}failed to load '{}' version {}: {}",
                model.source().prefixFor(failure),
                model.name(),
                version,
                failure.describe(),
                failure.code() == StatusCode.INTERNAL ? failure.getCause() : null);
    }
}
