package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.protocol.Advice;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelVersionPolicy;
import io.nereid.repository.validation.FindingKind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What came of checking a model.
 *
 * @param versions configurations of the versions that can be loaded, as they will be
 * @param failure why the model cannot be loaded, in the words that ensembles are told; empty if it
 *     can
 */
record CheckedModel(SortedMap<Long, ModelConfig> versions, String failure) {
    /** Checks all versions of a model that is no ensemble. */
    static CheckedModel of(
            PolledModel model,
            ModelFindings findings,
            RepositoryOptions options,
            Function<String, Backend> engines) {
        List<Long> selected;
        try {
            selected = select(model, findings);
        } catch (StatusException e) {
            findings.error(FindingKind.VERSION, e);
            return refused(e.text());
        }
        SortedMap<Long, ModelConfig> versions = new TreeMap<>();
        StringBuilder failures = new StringBuilder();
        VersionCheck check = new VersionCheck(options, engines, model, findings);
        for (long version : selected) {
            VersionCheck.Result result = check.run(version);
            result.config().ifPresent(config -> versions.put(version, config));
            result.failure()
                    .ifPresent(failure ->
                            failures.append("version ")
                                    .append(version)
                                    .append(" is at UNAVAILABLE state: ")
                                    .append(failure.describe())
                                    .append(';'));
        }
        return new CheckedModel(versions, failures.toString());
    }

    static CheckedModel refused(String reason) {
        return new CheckedModel(new TreeMap<>(), reason);
    }

    /**
     * Versions to serve; those that are to be but are not there are remarked.
     *
     * @throws StatusException if there are none
     */
    static List<Long> select(PolledModel model, ModelFindings findings) {
        String name = model.config().getName();
        ModelVersionPolicy policy = model.config().getVersionPolicy();
        for (int i = 0; i < policy.getSpecific().getVersionsCount(); i++) {
            long version = policy.getSpecific().getVersions(i);
            if (!model.existing().contains(version)) {
                findings.field(
                        FindingKind.VERSION,
                        "version_policy.specific.versions[" + i + "]",
                        VersionDirectories.absent(name, version),
                        new Advice(
                                "one of the versions " + model.existing(),
                                String.valueOf(version),
                                "remove it, or add the directory " + version));
            }
        }
        return VersionDirectories.select(name, policy, model.existing());
    }

    /** The version that a step asks; the newest if it names none. Empty if the model is broken. */
    Optional<ModelConfig> version(OptionalLong version) {
        if (!failure.isEmpty() || versions.isEmpty()) {
            return Optional.empty();
        }
        long wanted = version.orElse(versions.lastKey());
        return Optional.ofNullable(versions.get(wanted));
    }
}
