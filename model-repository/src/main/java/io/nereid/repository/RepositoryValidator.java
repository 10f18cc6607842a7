package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.protocol.Advice;
import io.nereid.protocol.StatusException;
import io.nereid.repository.store.ModelStores;
import io.nereid.repository.store.StoreUrl;
import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.ValidationReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Checks repositories with the loader's own code, short of making instances: every model, whatever
 * is wrong with the others, and of each model as much as can be said. Blocks; belongs on a control
 * thread. One object, one check.
 */
public final class RepositoryValidator {
    private final RepositoryOptions options;
    private final ModelDirectories directories;
    private final Function<String, Backend> engines;
    private final GraphCheck graphs;
    private final ModelPoller poller;
    private final Set<Finding> findings = new LinkedHashSet<>();
    private final SortedMap<String, PolledModel> models = new TreeMap<>();
    private final Map<String, ModelFindings> ofModels = new TreeMap<>();
    private final Map<String, CheckedModel> checked = new TreeMap<>();

    /** Directories that models in stores were copied to, by origin. */
    private final Map<String, Path> copies = new TreeMap<>();

    /** Models that would not be polled, though they can be told what they are. */
    private final Set<String> refused = new TreeSet<>();

    /**
     * Checks nothing yet but the paths.
     *
     * @param stores opens repositories in stores; stays the caller's
     * @param engines gives the engine of a name, or throws
     * @param graphs compares ensembles with the models of their steps
     * @throws StatusException if a path does not exist or is nothing that can be served, or a store
     *     cannot be opened
     */
    public RepositoryValidator(
            RepositoryOptions options,
            ModelStores stores,
            Function<String, Backend> engines,
            GraphCheck graphs) {
        this(options, stores, engines, graphs, RepositoryAgents.builtIn());
    }

    /**
     * The same with repository agents, which are told that the load fails when all is checked.
     *
     * @param agents those that configurations may name
     */
    public RepositoryValidator(
            RepositoryOptions options,
            ModelStores stores,
            Function<String, Backend> engines,
            GraphCheck graphs,
            RepositoryAgents agents) {
        this.options = options;
        this.directories = ModelDirectories.of(options, stores);
        this.engines = engines;
        this.graphs = graphs;
        this.poller = new ModelPoller(options.autoComplete(), options.configName(), agents);
    }

    /**
     * Checks everything; models in stores are downloaded for that. Throws nothing for a model that
     * is broken. Called once.
     */
    public ValidationReport validate() {
        try (RemoteCopies downloads = new RemoteCopies()) {
            return validate(downloads);
        } finally {
            models.values().forEach(model -> model.agents().close());
        }
    }

    private ValidationReport validate(RemoteCopies downloads) {
        ModelDirectories.Found found = directories.find();
        download(found, downloads);
        found.unreadable()
                .forEach((path, reason) ->
                        findings.add(
                                unreadable("", path, StatusException.invalidArgument(reason))));
        checkRoots(found);
        found.places().forEach(this::examine);
        models.values().stream().filter(model -> !model.isEnsemble()).forEach(this::check);
        EnsembleCheck ensembles =
                new EnsembleCheck(models, refused, checked, graphs, this::findingsOf);
        models.values().stream()
                .filter(PolledModel::isEnsemble)
                .forEach(model -> guarded(findingsOf(model.id()), () -> ensembles.check(model)));
        int versions =
                checked.entrySet().stream()
                        .filter(each -> !refused.contains(each.getKey()))
                        .map(Map.Entry::getValue)
                        .filter(each -> each.failure().isEmpty())
                        .mapToInt(each -> each.versions().size())
                        .sum();
        return new ValidationReport(sorted(), found.places().size(), versions);
    }

    /** Copies models that lie in stores; one that cannot be copied is a finding. */
    private void download(ModelDirectories.Found found, RemoteCopies downloads) {
        List<ModelDirectories.Place> remote =
                found.places().values().stream()
                        .flatMap(List::stream)
                        .filter(place -> place.location() instanceof ModelLocation.Remote)
                        .toList();
        downloads.prepare(
                remote.stream()
                        .map(place -> ((ModelLocation.Remote) place.location()).model())
                        .toList());
        for (ModelDirectories.Place place : remote) {
            ModelLocation.Remote there = (ModelLocation.Remote) place.location();
            ControlThreads.run(
                    () -> {
                        Path copy = downloads.of(there.model()).directory();
                        copies.put(there.origin(), copy);
                        return true;
                    },
                    failure -> {
                        findings.add(unreadable(place.name(), there.origin(), failure));
                        return false;
                    });
        }
    }

    private static Finding unreadable(String model, String place, StatusException failure) {
        return new Finding(
                Finding.Severity.ERROR,
                FindingKind.FILE,
                model,
                Optional.of(place),
                Optional.empty(),
                "",
                failure.text(),
                "",
                Advice.NONE);
    }

    private void checkRoots(ModelDirectories.Found found) {
        Set<Path> roots = new TreeSet<>();
        if (found.places().isEmpty()) {
            options.paths().stream()
                    .filter(path -> StoreUrl.of(path).isEmpty())
                    .map(Path::of)
                    .forEach(path -> {
                        roots.add(path);
                        new ModelFindings("", path, ConfigSource.NONE, findings)
                                .file(
                                        FindingKind.LAYOUT,
                                        path,
                                        "no model found in '" + path + "'",
                                        new Advice(
                                                "a directory for each model",
                                                "none",
                                                "put each model into a directory of its own, its file"
                                                        + " into a directory 1 in there"));
                    });
        }
        for (List<ModelDirectories.Place> places : found.places().values()) {
            for (ModelDirectories.Place place : places) {
                if (place.location() instanceof ModelLocation.Member here
                        && here.directory().getParent() != null) {
                    roots.add(here.directory().getParent());
                }
            }
        }
        for (Path root : roots) {
            ModelFindings ofRoot = new ModelFindings("", root, ConfigSource.NONE, findings);
            guarded(ofRoot, () -> RepositoryLint.checkRoot(root, ofRoot));
        }
    }

    /** Where the model or its copy lies; empty if it could not be copied. */
    private Optional<ModelLocation.OnDisk> here(ModelDirectories.Place place) {
        return switch (place.location()) {
            case ModelLocation.OnDisk here -> Optional.of(here);
            case ModelLocation.Remote remote ->
                    Optional.ofNullable(copies.get(remote.origin())).map(remote::copiedTo);
        };
    }

    private void examine(String id, List<ModelDirectories.Place> places) {
        ModelDirectories.Place place = places.getFirst();
        here(place).ifPresent(location -> examine(id, places, location));
    }

    private void examine(
            String id, List<ModelDirectories.Place> places, ModelLocation.OnDisk location) {
        ModelDirectories.Place place = places.getFirst();
        if (places.size() > 1) {
            new ModelFindings(place.name(), location.directory(), ConfigSource.NONE, findings)
                    .error(
                            FindingKind.LAYOUT,
                            StatusException.invalidArgument(
                                    "failed to poll model '"
                                            + place.name()
                                            + "': "
                                            + LoadPlanner.NOT_UNIQUE),
                            location.directory(),
                            new Advice(
                                    "one model of that name",
                                    String.join(
                                            ", ",
                                            places.stream()
                                                    .map(each -> each.location().origin())
                                                    .toList()),
                                    "rename all but one, or serve with"
                                            + " --model-namespacing=true"));
            return;
        }
        ModelFindings unread =
                new ModelFindings(place.name(), location.directory(), ConfigSource.NONE, findings);
        guarded(
                unread,
                () -> {
                    ModelPoller.Examination examination = poller.examine(location);
                    ModelFindings ofModel =
                            new ModelFindings(
                                    place.name(),
                                    location.directory(),
                                    examination.source(),
                                    findings);
                    ofModel.addAll(examination.findings());
                    ofModels.put(examination.model().map(PolledModel::id).orElse(id), ofModel);
                    examination
                            .model()
                            .map(model -> model.in(place.namespace(), this::namespaceOf))
                            .ifPresent(model -> {
                                models.put(model.id(), model);
                                if (!examination.findings().isEmpty()) {
                                    refused.add(model.id());
                                }
                            });
                    warn(location, examination, ofModel);
                });
    }

    /** Steps ask models of their own namespace; without namespacing there is but one. */
    private String namespaceOf(String member) {
        return models.values().stream()
                .filter(model -> model.config().getName().equals(member))
                .map(PolledModel::namespace)
                .findFirst()
                .orElse("");
    }

    private void warn(
            ModelLocation.OnDisk location,
            ModelPoller.Examination examination,
            ModelFindings ofModel) {
        if (location instanceof ModelLocation.Bare) {
            return;
        }
        Path directory = location.directory();
        Optional<PolledModel> model = examination.model();
        if (model.isEmpty() && RepositoryLint.checkNesting(directory, ofModel)) {
            return;
        }
        DirectoryLint.check(
                directory,
                model.map(PolledModel::config),
                model.map(RepositoryValidator::selected).orElseGet(List::of),
                ofModel);
    }

    private static List<Long> selected(PolledModel model) {
        try {
            return versionsOf(model);
        } catch (StatusException none) {
            // Said where the versions are checked.
            return List.of();
        }
    }

    private static List<Long> versionsOf(PolledModel model) {
        return VersionDirectories.select(
                model.config().getName(), model.config().getVersionPolicy(), model.existing());
    }

    private void check(PolledModel model) {
        ModelFindings ofModel = findingsOf(model.id());
        guarded(
                ofModel,
                () -> checked.put(model.id(), CheckedModel.of(model, ofModel, options, engines)));
    }

    private ModelFindings findingsOf(String id) {
        ModelFindings ofModel = ofModels.get(id);
        if (ofModel == null) {
            throw new IllegalStateException("'" + id + "' was not examined");
        }
        return ofModel;
    }

    /** Whatever a check throws is a finding, and the next check goes on. */
    private static void guarded(ModelFindings ofModel, Runnable check) {
        boolean _ =
                ControlThreads.run(
                        () -> {
                            check.run();
                            return true;
                        },
                        failure -> {
                            ofModel.error(FindingKind.INTERNAL, failure);
                            return false;
                        });
    }

    private Finding inPlace(Finding finding) {
        Finding placed = finding;
        for (Map.Entry<String, Path> copy : copies.entrySet()) {
            placed = placed.relocated(copy.getValue().toString(), copy.getKey());
        }
        return placed;
    }

    private List<Finding> sorted() {
        List<Finding> sorted =
                findings.stream()
                        .map(this::inPlace)
                        .collect(Collectors.toCollection(ArrayList::new));
        sorted.sort(
                Comparator.comparing(Finding::model)
                        .thenComparing(finding -> finding.file().orElse(""))
                        .thenComparingInt(
                                finding -> finding.position().map(at -> at.line()).orElse(0))
                        .thenComparingInt(
                                finding -> finding.position().map(at -> at.column()).orElse(0)));
        return sorted;
    }
}
