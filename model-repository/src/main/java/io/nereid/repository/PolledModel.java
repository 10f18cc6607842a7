package io.nereid.repository;

import io.nereid.backend.ModelFiles;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelEnsembling;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * A model whose configuration was read and holds, as far as that can be said without its engine.
 *
 * @param namespace its repository, with namespacing; else empty
 * @param location where its files lie, or their copies
 * @param config normalised configuration, before its engine completes it
 * @param source the text of the configuration
 * @param existing versions that exist
 * @param files the directory that was made for it, if its files came with a load request or from a
 *     store; borrowed
 * @param agents those that attend this load; borrowed
 */
record PolledModel(
        String namespace,
        ModelLocation.OnDisk location,
        ModelConfigProto.ModelConfig config,
        ConfigSource source,
        SortedSet<Long> existing,
        Optional<HeldDirectory> files,
        AgentChain agents) {

    PolledModel {
        existing = Collections.unmodifiableSortedSet(new TreeSet<>(existing));
    }

    /** What tells it apart inside the server. */
    String id() {
        return ModelId.of(namespace, config.getName());
    }

    /** Where it lies in fact. */
    String origin() {
        return files.flatMap(HeldDirectory::origin).orElseGet(location::origin);
    }

    /** Whether its files came with a load request, so that no repository has them. */
    boolean cameWithRequest() {
        return files.filter(made -> made.origin().isEmpty()).isPresent();
    }

    boolean isEnsemble() {
        return ConfigDefaults.isEnsemble(config);
    }

    /** Identifiers of the models that an ensemble asks; none for other models. */
    SortedSet<String> members() {
        SortedSet<String> members = new TreeSet<>();
        for (ModelEnsembling.Step step : config.getEnsembleScheduling().getStepList()) {
            members.add(memberOf(step));
        }
        return members;
    }

    /** Identifier of the model that a step asks. */
    static String memberOf(ModelEnsembling.Step step) {
        return ModelId.of(step.getModelNamespace(), step.getModelName());
    }

    /**
     * The same model of that namespace, its steps asking models of the namespaces that are found
     * for their names.
     */
    PolledModel in(String home, UnaryOperator<String> namespaces) {
        if (!isEnsemble()) {
            return new PolledModel(home, location, config, source, existing, files, agents);
        }
        ModelConfigProto.ModelConfig.Builder resolved = config.toBuilder();
        resolved.getEnsembleSchedulingBuilder()
                .getStepBuilderList()
                .forEach(step -> step.setModelNamespace(namespaces.apply(step.getModelName())));
        return new PolledModel(home, location, resolved.build(), source, existing, files, agents);
    }

    /** The same model, as it lies in the repository and attended by nobody. */
    PolledModel unattended() {
        return new PolledModel(
                namespace, place(), config, source, existing, files, AgentChain.NONE);
    }

    /** Where it or its copy was, though agents may have it read from elsewhere. */
    ModelLocation.OnDisk place() {
        return agents.place(location);
    }

    /** Name of the entry in the model's directory that holds the configuration in use. */
    String configEntry() {
        return source.place()
                .map(ConfigSource.Place::file)
                .filter(file -> file.startsWith(location.directory()))
                .map(file -> location.directory().relativize(file).getName(0).toString())
                .orElse(RepositoryPath.CONFIG_FILE);
    }

    /** Where a version's files lie. */
    ModelFiles files(long version) {
        return switch (location) {
            case ModelLocation.Bare bare ->
                    new ModelFiles(bare.directory(), version, bare.directory());
            case ModelLocation.Mapped mapped -> new ModelFiles(mapped.directory(), version);
            case ModelLocation.Member member -> new ModelFiles(member.directory(), version);
            case ModelLocation.Alone alone -> new ModelFiles(alone.directory(), version);
        };
    }
}
