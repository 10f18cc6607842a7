package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.protocol.Advice;
import io.nereid.protocol.StatusCode;
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

    /** Models that would not be polled, though they can be told what they are. */
    private final Set<String> refused = new TreeSet<>();

    /**
     * Checks nothing yet but the paths.
     *
     * @param engines gives the engine of a name, or throws
     * @param graphs compares ensembles with the models of their steps
     * @throws StatusException UNSUPPORTED if a path is the URL of a store, or if one does not exist
     *     or is nothing that can be served
     */
    public RepositoryValidator(
            RepositoryOptions options, Function<String, Backend> engines, GraphCheck graphs) {
        for (String path : options.paths()) {
            if (StoreUrl.of(path).isPresent()) {
                throw new StatusException(
                        StatusCode.UNSUPPORTED,
                        "only directories can be checked; copy " + path + " to one");
            }
        }
        this.options = options;
        this.directories = ModelDirectories.of(options, ModelStores.none());
        this.engines = engines;
        this.graphs = graphs;
        this.poller = new ModelPoller(options.autoComplete(), options.configName());
    }

    /** Checks everything. Throws nothing for a model that is broken. */
    public ValidationReport validate() {
        ModelDirectories.Found found = directories.find();
        found.unreadable()
                .forEach((path, reason) ->
                        new ModelFindings("", Path.of(path), ConfigSource.NONE, findings)
                                .error(FindingKind.FILE, StatusException.invalidArgument(reason)));
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

    private void checkRoots(ModelDirectories.Found found) {
        Set<Path> roots = new TreeSet<>();
        if (found.places().isEmpty()) {
            options.paths().stream()
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
                Path parent = here(place).directory().getParent();
                if (place.location() instanceof ModelLocation.Member && parent != null) {
                    roots.add(parent);
                }
            }
        }
        for (Path root : roots) {
            ModelFindings ofRoot = new ModelFindings("", root, ConfigSource.NONE, findings);
            guarded(ofRoot, () -> RepositoryLint.checkRoot(root, ofRoot));
        }
    }

    /** Only directories are checked, stores are not opened. */
    private static ModelLocation.OnDisk here(ModelDirectories.Place place) {
        return switch (place.location()) {
            case ModelLocation.OnDisk here -> here;
            case ModelLocation.Remote remote ->
                    throw new IllegalStateException(remote.origin() + " is not on this machine");
        };
    }

    private void examine(String id, List<ModelDirectories.Place> places) {
        ModelDirectories.Place place = places.getFirst();
        ModelLocation.OnDisk location = here(place);
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
                                                    .map(each -> here(each).directory())
                                                    .map(Path::toString)
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

    private List<Finding> sorted() {
        List<Finding> sorted = new ArrayList<>(findings);
        sorted.sort(
                Comparator.comparing(Finding::model)
                        .thenComparing(finding -> finding.file().map(Path::toString).orElse(""))
                        .thenComparingInt(
                                finding -> finding.position().map(at -> at.line()).orElse(0))
                        .thenComparingInt(
                                finding -> finding.position().map(at -> at.column()).orElse(0)));
        return sorted;
    }
}
