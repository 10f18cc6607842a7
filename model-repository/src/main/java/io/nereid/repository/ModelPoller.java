package io.nereid.repository;

import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.ModelConfigRules;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and checks one model before it is loaded (repository section 4). */
final class ModelPoller {
    private static final Logger log = LoggerFactory.getLogger(ModelPoller.class);
    private static final long BARE_VERSION = 1;

    private final boolean autoComplete;
    private final Optional<String> configName;

    /**
     * @param autoComplete whether a configuration may be absent or incomplete
     * @param configName name of the configuration to prefer to {@code config.pbtxt}
     */
    ModelPoller(boolean autoComplete, Optional<String> configName) {
        this.autoComplete = autoComplete;
        this.configName = configName;
    }

    /** What came of a poll. */
    sealed interface Outcome {
        /**
         * The model may be loaded.
         *
         * @param model the model
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
     * @param files the location's directory, if it was made for a load request; borrowed
     */
    Outcome poll(
            ModelLocation location,
            Optional<String> config,
            Optional<ModelDirectoryOverride> files) {
        ConfigSource source = ConfigSource.NONE;
        try {
            source = config.map(ConfigOverride::read).orElseGet(() -> source(location));
            return new Outcome.Polled(check(location, source, files));
        } catch (StatusException e) {
            return failed(location, source.prefixFor(e), e);
        }
    }

    /** Logs that a model was not polled. */
    Outcome failed(ModelLocation location, String prefix, StatusException reason) {
        log.error(
                "{}Poll failed for model directory '{}': {}",
                prefix,
                location.name(),
                reason.text());
        return new Outcome.Failed(location.name(), reason);
    }

    private ConfigSource source(ModelLocation location) {
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
            ModelLocation location, ConfigSource source, Optional<ModelDirectoryOverride> files) {
        RepositoryAgents.run(source.message().getModelRepositoryAgents(), location.directory());
        ModelConfigProto.ModelConfig config = ConfigDefaults.fill(detect(location, source));
        ModelConfigRules.checkStructure(config);
        if (!autoComplete) {
            ModelConfigRules.checkTensors(config);
        }
        if (location instanceof ModelLocation.Member(String name, Path _)
                && !config.getName().equals(name)) {
            throw new InvalidConfigException(
                    "name",
                    "unexpected directory name '"
                            + name
                            + "' for model '"
                            + config.getName()
                            + "', directory name must equal model name");
        }
        return new PolledModel("", location, config, source, versions(location), files);
    }

    private static ModelConfigProto.ModelConfig detect(
            ModelLocation location, ConfigSource source) {
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

    private static SortedSet<Long> versions(ModelLocation location) {
        if (location instanceof ModelLocation.Bare) {
            return new TreeSet<>(List.of(BARE_VERSION));
        }
        return VersionDirectories.versions(Directories.subdirectories(location.directory()));
    }
}
