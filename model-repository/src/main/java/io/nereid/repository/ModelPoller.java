package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.ModelConfigRules;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.FindingKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and checks one model before it is loaded (repository section 4). */
final class ModelPoller {
    private static final Logger log = LoggerFactory.getLogger(ModelPoller.class);
    private static final long BARE_VERSION = 1;

    private final boolean autoComplete;
    private final Optional<String> configName;
    private final RepositoryAgents agents;

    /**
     * @param autoComplete whether a configuration may be absent or incomplete
     * @param configName name of the configuration to prefer to {@code config.pbtxt}
     * @param agents those that configurations may name
     */
    ModelPoller(boolean autoComplete, Optional<String> configName, RepositoryAgents agents) {
        this.autoComplete = autoComplete;
        this.configName = configName;
        this.agents = agents;
    }

    /** What came of a poll. */
    sealed interface Outcome {
        /**
         * The model may be loaded.
         *
         * @param model the model; whoever gets it ends the hold on its agents
         */
        record Polled(PolledModel model) implements Outcome {}

        /**
         * The model may not be loaded.
         *
         * @param name name of its directory
         * @param reason why
         */
        record Failed(String name, StatusException reason) implements Outcome {}
    }

    /**
     * Polls a model; a failure is logged here and nowhere else.
     *
     * @param config a configuration as JSON, to be used in place of the one that is there
     * @param files the location's directory, if it was made for the model; borrowed
     */
    Outcome poll(
            ModelLocation.OnDisk location, Optional<String> config, Optional<HeldDirectory> files) {
        ConfigSource source = ConfigSource.NONE;
        try {
            source = config.map(ConfigOverride::read).orElseGet(() -> source(location));
            return new Outcome.Polled(check(location, source, files, ModelPoller::refuse));
        } catch (StatusException e) {
            return failed(location, source.hint(e), e);
        }
    }

    private static void refuse(FindingKind kind, StatusException breach) {
        throw breach;
    }

    /**
     * Logs that a model was not polled.
     *
     * @param hint where and what to do, for the end of the line
     */
    Outcome failed(ModelLocation location, String hint, StatusException reason) {
        log.error(
                "Poll failed for model directory '{}': {}{}", location.name(), reason.text(), hint);
        return new Outcome.Failed(location.name(), reason);
    }

    /**
     * What a model is, and everything that is wrong with it as far as one thing lets the next be
     * seen.
     *
     * @param source its configuration; empty if that cannot be read
     * @param model the model, its agents held; empty if it cannot be told what it is
     * @param findings why it would not be polled; none if it would be
     */
    record Examination(ConfigSource source, Optional<PolledModel> model, List<Finding> findings) {}

    /** Polls a model without stopping at the first thing that is wrong; logs nothing. */
    Examination examine(ModelLocation.OnDisk location) {
        List<Finding> findings = new ArrayList<>();
        ConfigSource source = ConfigSource.NONE;
        try {
            source = source(location);
            ConfigSource text = source;
            PolledModel model =
                    check(
                            location,
                            source,
                            Optional.empty(),
                            (kind, breach) ->
                                    findings.addAll(text.findings(kind, location.name(), breach)));
            return new Examination(source, Optional.of(model), findings);
        } catch (StatusException e) {
            findings.addAll(source.findings(FindingKind.BACKEND, location.name(), e));
            return new Examination(source, Optional.empty(), findings);
        }
    }

    private ConfigSource source(ModelLocation.OnDisk location) {
        Optional<Path> file =
                switch (location) {
                    case ModelLocation.Bare bare -> bare.config();
                    case ModelLocation.Alone alone -> configFile(alone.directory());
                    case ModelLocation.Mapped mapped -> configFile(mapped.directory());
                    case ModelLocation.Member member -> configFile(member.directory());
                };
        return file.map(ModelConfigReader::read).orElse(ConfigSource.NONE);
    }

    /** The file to read; one that does not exist only where reading it is to fail. */
    private Optional<Path> configFile(Path directory) {
        Optional<Path> named =
                configName
                        .map(name -> directory.resolve("configs").resolve(name + ".pbtxt"))
                        .filter(Files::exists);
        if (named.isPresent()) {
            return named;
        }
        Path file = directory.resolve(RepositoryPath.CONFIG_FILE);
        return Files.exists(file) || !autoComplete ? Optional.of(file) : Optional.empty();
    }

    private PolledModel check(
            ModelLocation.OnDisk location,
            ConfigSource source,
            Optional<HeldDirectory> files,
            BiConsumer<FindingKind, StatusException> breaches) {
        AgentChain attending = attend(location, source, breaches);
        boolean complete = false;
        try {
            PolledModel model = check(location, source, files, attending, breaches);
            complete = true;
            return model;
        } finally {
            if (!complete) {
                attending.close();
            }
        }
    }

    private @Owned AgentChain attend(
            ModelLocation.OnDisk location,
            ConfigSource source,
            BiConsumer<FindingKind, StatusException> breaches) {
        try {
            return agents.load(source.message(), location);
        } catch (StatusException e) {
            breaches.accept(FindingKind.AGENT, e);
            return AgentChain.NONE;
        }
    }

    private PolledModel check(
            ModelLocation.OnDisk place,
            ConfigSource source,
            Optional<HeldDirectory> files,
            AgentChain attending,
            BiConsumer<FindingKind, StatusException> breaches) {
        ModelLocation.OnDisk location = attending.location(place);
        ModelConfigProto.ModelConfig config = ConfigDefaults.fill(detect(location, source));
        ModelConfigRules.checkStructure(
                config, breach -> breaches.accept(FindingKind.CONFIG, breach));
        if (!autoComplete) {
            ModelConfigRules.checkTensors(
                    config, breach -> breaches.accept(FindingKind.CONFIG, breach));
        }
        if (location instanceof ModelLocation.Member(String name, Path _)
                && !config.getName().equals(name)) {
            breaches.accept(FindingKind.CONFIG, otherName(name, config.getName()));
        }
        return new PolledModel("", location, config, source, versions(location), files, attending);
    }

    private static InvalidConfigException otherName(String directory, String name) {
        return new InvalidConfigException(
                "name",
                "unexpected directory name '"
                        + directory
                        + "' for model '"
                        + name
                        + "', directory name must equal model name",
                new Advice(
                        "\"" + directory + "\", as the directory is called",
                        "\"" + name + "\"",
                        "remove name, or rename the directory"));
    }

    private static ModelConfigProto.ModelConfig detect(
            ModelLocation.OnDisk location, ConfigSource source) {
        ModelConfigProto.ModelConfig config = source.message();
        if (location instanceof ModelLocation.Mapped(String name, Path _)) {
            config = config.toBuilder().setName(name).build();
        }
        if (location instanceof ModelLocation.Bare bare) {
            return BackendDetection.complete(
                    BareModels.withFile(config, bare.file()),
                    bare.name(),
                    Optional.of(bare.directory()));
        }
        // The first directory in string order, whatever it holds, as in the reference.
        Optional<Path> first =
                Directories.subdirectories(location.directory()).stream()
                        .findFirst()
                        .map(location.directory()::resolve);
        return BackendDetection.complete(config, location.name(), first);
    }

    private static SortedSet<Long> versions(ModelLocation.OnDisk location) {
        if (location instanceof ModelLocation.Bare) {
            return new TreeSet<>(List.of(BARE_VERSION));
        }
        return VersionDirectories.versions(Directories.subdirectories(location.directory()));
    }
}
