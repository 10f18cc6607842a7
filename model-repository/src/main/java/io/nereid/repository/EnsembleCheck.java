package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.ModelConfigRules;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Suggestions;
import io.nereid.protocol.proto.ModelConfigProto.ModelEnsembling;
import io.nereid.repository.validation.FindingKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Checks ensembles once the models that are none have been checked: the members must be there and
 * fit (schedulers section 14.2). Members that are ensembles come first.
 */
final class EnsembleCheck {
    private static final String STEPS = "ensemble_scheduling.step";
    private static final CheckedModel BROKEN = CheckedModel.refused("it was not checked");

    private final Map<String, PolledModel> models;
    private final Set<String> refused;
    private final Map<String, CheckedModel> checked;
    private final Map<String, String> cycles;
    private final GraphCheck graphs;
    private final Function<String, ModelFindings> findings;

    /**
     * @param models those that can be told what they are, by identifier
     * @param refused those of them that would not be polled
     * @param checked results by identifier; grows
     * @param findings where to put what is found of a model
     */
    EnsembleCheck(
            Map<String, PolledModel> models,
            Set<String> refused,
            Map<String, CheckedModel> checked,
            GraphCheck graphs,
            Function<String, ModelFindings> findings) {
        this.models = models;
        this.refused = refused;
        this.checked = checked;
        this.cycles = EnsembleCycles.find(models);
        this.graphs = graphs;
        this.findings = findings;
    }

    /** Checks an ensemble, unless that was done before. */
    CheckedModel check(PolledModel ensemble) {
        CheckedModel before = checked.get(ensemble.id());
        if (before != null) {
            return before;
        }
        CheckedModel result = new OneEnsemble(ensemble).run();
        checked.put(ensemble.id(), result);
        return result;
    }

    /** The check of one ensemble. */
    private final class OneEnsemble {
        private final PolledModel ensemble;
        private final ModelFindings found;
        private final List<StatusException> failures = new ArrayList<>();

        OneEnsemble(PolledModel ensemble) {
            this.ensemble = ensemble;
            this.found = findings.apply(ensemble.id());
        }

        CheckedModel run() {
            List<Long> versions = List.of();
            try {
                versions = CheckedModel.select(ensemble, found);
            } catch (StatusException e) {
                failed(FindingKind.VERSION, e);
            }
            ModelConfigRules.checkStructure(
                    ensemble.config(), breach -> failed(FindingKind.CONFIG, breach));
            ModelConfigRules.checkTensors(
                    ensemble.config(), breach -> failed(FindingKind.CONFIG, breach));
            boolean valid = failures.isEmpty();
            checkMembers();
            if (valid) {
                ModelConfig config = ModelConfig.of(ensemble.config());
                graphs.check(config, this::member, e -> failed(FindingKind.ENSEMBLE, e));
                labels(config);
            }
            return failures.isEmpty()
                    ? new CheckedModel(configs(versions), "")
                    : CheckedModel.refused(failures.getFirst().text());
        }

        private SortedMap<Long, ModelConfig> configs(List<Long> versions) {
            SortedMap<Long, ModelConfig> configs = new TreeMap<>();
            ModelConfig config =
                    ModelConfig.of(
                            EnsembleTransactions.complete(ensemble.config(), this::isDecoupled));
            versions.forEach(version -> configs.put(version, config));
            return configs;
        }

        private boolean isDecoupled(ModelEnsembling.Step step) {
            return member(step.getModelName(), versionOf(step))
                    .map(ModelConfig::decoupled)
                    .orElse(false);
        }

        private void labels(ModelConfig config) {
            try {
                LabelLint.check(
                        config, LabelFiles.read(config, ensemble.location().directory()), found);
            } catch (StatusException e) {
                failed(FindingKind.LABELS, e);
            }
        }

        private void checkMembers() {
            String cycle = cycles.get(ensemble.id());
            if (cycle != null) {
                failed(
                        FindingKind.ENSEMBLE,
                        new InvalidConfigException(
                                "ensemble_scheduling",
                                cycle,
                                new Advice(
                                        "steps that do not lead back to this ensemble",
                                        "a circle",
                                        "take this ensemble, or the one that asks it, out of the"
                                                + " steps")));
                return;
            }
            List<ModelEnsembling.Step> steps =
                    ensemble.config().getEnsembleScheduling().getStepList();
            for (int i = 0; i < steps.size(); i++) {
                checkMember(steps.get(i), STEPS + "[" + i + "]");
            }
        }

        private void checkMember(ModelEnsembling.Step step, String path) {
            if (step.getModelName().isEmpty()) {
                return;
            }
            String id = PolledModel.memberOf(step);
            PolledModel member = models.get(id);
            if (member == null || refused.contains(id)) {
                failed(FindingKind.ENSEMBLE, unavailable(step.getModelName(), path));
                return;
            }
            CheckedModel result =
                    member.isEnsemble() ? check(member) : checked.getOrDefault(id, BROKEN);
            if (!result.failure().isEmpty()) {
                failed(FindingKind.ENSEMBLE, failedMember(member, result.failure(), path));
            } else if (result.version(versionOf(step)).isEmpty()) {
                failed(FindingKind.ENSEMBLE, missingVersion(step, result, path));
            }
        }

        private InvalidConfigException unavailable(String member, String path) {
            TreeSet<String> names = new TreeSet<>();
            models.values().forEach(model -> names.add(model.config().getName()));
            if (names.contains(member)) {
                return new InvalidConfigException(
                        path + ".model_name",
                        LoadOperation.unavailableMembers(ensemble.id(), List.of(member)),
                        Advice.fix("put model '" + member + "' right first"));
            }
            names.remove(ensemble.config().getName());
            return new InvalidConfigException(
                    path + ".model_name",
                    LoadOperation.unavailableMembers(ensemble.id(), List.of(member)),
                    new Advice(
                            "a model of this repository: " + String.join(", ", names),
                            "'" + member + "'",
                            Suggestions.rename(
                                    member,
                                    names,
                                    "add the model, or put it right if its configuration cannot be"
                                            + " read")));
        }

        private InvalidConfigException failedMember(
                PolledModel member, String failure, String path) {
            return new InvalidConfigException(
                    path + ".model_name",
                    member.isEnsemble()
                            ? LoadOperation.invalidMember(ensemble.id(), member.id(), failure)
                            : LoadOperation.failedMember(ensemble.id(), member.id(), failure),
                    Advice.fix("put model '" + member.config().getName() + "' right first"));
        }

        private InvalidConfigException missingVersion(
                ModelEnsembling.Step step, CheckedModel member, String path) {
            return new InvalidConfigException(
                    path + ".model_version",
                    LoadOperation.missingVersion(
                            ensemble.id(), PolledModel.memberOf(step), step.getModelVersion()),
                    new Advice(
                            "-1 for the newest, or one of " + member.versions().keySet(),
                            step.getModelVersion() == 0
                                    ? "0, which is what leaving it out means"
                                    : String.valueOf(step.getModelVersion()),
                            "write model_version: -1"));
        }

        private Optional<ModelConfig> member(String name, OptionalLong version) {
            return ensemble.config().getEnsembleScheduling().getStepList().stream()
                    .filter(step -> step.getModelName().equals(name))
                    .map(PolledModel::memberOf)
                    .findFirst()
                    .map(checked::get)
                    .flatMap(result -> result.version(version));
        }

        private void failed(FindingKind kind, StatusException failure) {
            failures.add(failure);
            found.error(kind, failure);
        }
    }

    private static OptionalLong versionOf(ModelEnsembling.Step step) {
        return step.getModelVersion() < 0
                ? OptionalLong.empty()
                : OptionalLong.of(step.getModelVersion());
    }
}
