package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendModel;
import io.nereid.backend.Cores;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.ModelConfigRules;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.HardwareLint;
import io.nereid.repository.validation.SchedulingLint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks one version of a model that is no ensemble: everything that loading does, short of making
 * instances. Blocks; belongs on a control thread.
 */
final class VersionCheck {
    private static final Logger log = LoggerFactory.getLogger(VersionCheck.class);

    private static final Advice MISMATCH =
            Advice.fix("change what the text names, in the configuration or in the model");

    private final RepositoryOptions options;
    private final Function<String, Backend> engines;
    private final ConfigCompletion completion;
    private final PolledModel model;
    private final ModelFindings findings;

    /** The first thing that is wrong, which is what a load would fail with. */
    private Optional<StatusException> failure = Optional.empty();

    VersionCheck(
            RepositoryOptions options,
            Function<String, Backend> engines,
            PolledModel model,
            ModelFindings findings) {
        this.options = options;
        this.engines = engines;
        this.completion =
                new ConfigCompletion(
                        engines, new InstanceGroups(options.gpus()), options.autoComplete());
        this.model = model;
        this.findings = findings;
    }

    /**
     * What came of a check.
     *
     * @param config configuration that the version will have, if it can be loaded
     * @param failure why it cannot
     */
    record Result(Optional<ModelConfig> config, Optional<StatusException> failure) {}

    /** Checks the version; what is wrong is among the findings. */
    Result run(long version) {
        failure = Optional.empty();
        ModelFiles files = model.files(version);
        Optional<ModelConfigProto.ModelConfig> message = completed(files);
        message.ifPresentOrElse(
                completed -> {
                    rules(completed);
                    warn(completed);
                },
                () -> rules(model.config()));
        if (message.isEmpty() || failure.isPresent()) {
            return new Result(Optional.empty(), failure);
        }
        ModelConfig config = ModelConfig.of(message.get());
        labels(config, files);
        engine().ifPresent(engine -> open(engine, config, files));
        return failure.isPresent()
                ? new Result(Optional.empty(), failure)
                : new Result(Optional.of(config), failure);
    }

    private Optional<ModelConfigProto.ModelConfig> completed(ModelFiles files) {
        try {
            ConfigCompletion.checkRuntime(model.config(), files);
        } catch (StatusException e) {
            failed(FindingKind.CONFIG, e);
        }
        if (engineIsUnclear()) {
            return Optional.empty();
        }
        if (engine().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(completion.complete(model.config(), files));
        } catch (StatusException e) {
            failedByEngine(e, files);
            return Optional.empty();
        }
    }

    private Optional<Backend> engine() {
        try {
            return Optional.of(engines.apply(model.config().getBackend()));
        } catch (StatusException e) {
            failed(FindingKind.ENGINE, e);
            return Optional.empty();
        }
    }

    private boolean engineIsUnclear() {
        List<String> fields = new ArrayList<>();
        ModelConfigRules.checkStructure(
                model.config(), breach -> breach.fieldPath().ifPresent(fields::add));
        return fields.contains("platform") || fields.contains("backend");
    }

    private void rules(ModelConfigProto.ModelConfig config) {
        ModelConfigRules.checkStructure(config, breach -> failed(FindingKind.CONFIG, breach));
        ModelConfigRules.checkTensors(config, breach -> failed(FindingKind.CONFIG, breach));
    }

    private void warn(ModelConfigProto.ModelConfig completed) {
        ModelConfigProto.ModelConfig written =
                model.source().message().toBuilder().setName(completed.getName()).build();
        SchedulingLint.check(written, completed, findings);
        HardwareLint.check(
                written,
                completed,
                Cores.available(),
                !options.gpus().usableIds().isEmpty(),
                findings);
    }

    private void labels(ModelConfig config, ModelFiles files) {
        try {
            Map<String, List<String>> labels = LabelFiles.read(config, files.modelDirectory());
            LabelLint.check(config, labels, findings);
        } catch (StatusException e) {
            failed(FindingKind.LABELS, e);
        }
    }

    /** What is wrong is said by opening it. */
    private void open(Backend engine, ModelConfig config, ModelFiles files) {
        try (BackendModel opened = engine.openModel(config, files)) {
            log.debug("opened '{}' version {}: {}", config.name(), files.version(), opened);
        } catch (StatusException e) {
            failedByEngine(e, files);
        }
    }

    private void failedByEngine(StatusException e, ModelFiles files) {
        FindingKind kind = kind(e);
        failure = failure.or(() -> Optional.of(e));
        Path file = files.modelFile(model.config().getDefaultModelFilename());
        Path place = Files.exists(file) ? file : files.versionDirectory();
        findings.error(
                kind, e, place, kind == FindingKind.FILE ? fileAdvice(files, file) : MISMATCH);
    }

    /** Arguments are wrong where configuration and model file disagree; else it is the file. */
    private static FindingKind kind(StatusException e) {
        boolean group =
                e instanceof InvalidConfigException invalid
                        && invalid.fieldPath()
                                .filter(path -> path.startsWith("instance_group"))
                                .isPresent();
        if (group) {
            return FindingKind.CONFIG;
        }
        return switch (e.code()) {
            case INVALID_ARG, UNSUPPORTED -> FindingKind.MISMATCH;
            case NOT_FOUND,
                    ALREADY_EXISTS,
                    UNAVAILABLE,
                    CANCELLED,
                    RESOURCE_EXHAUSTED,
                    DEADLINE_EXCEEDED,
                    INTERNAL,
                    UNKNOWN ->
                    FindingKind.FILE;
        };
    }

    private Advice fileAdvice(ModelFiles files, Path file) {
        String name = model.config().getDefaultModelFilename();
        if (Files.isReadable(file) || name.isEmpty()) {
            return new Advice(
                    "a model file that the engine " + model.config().getBackend() + " can read",
                    "one that it refuses",
                    "export the model again, or copy the file again: it may be cut off or of"
                            + " another format");
        }
        if (Files.exists(file)) {
            return Advice.fix("let the server read the file");
        }
        List<String> there =
                Files.isDirectory(files.versionDirectory())
                        ? Directories.entries(files.versionDirectory()).stream()
                                .map(Directories::name)
                                .toList()
                        : List.of();
        return new Advice(
                name + " in " + files.versionDirectory(),
                there.isEmpty() ? "nothing" : String.join(", ", there),
                there.size() == 1
                        ? "rename "
                                + there.getFirst()
                                + " to "
                                + name
                                + ", or write default_model_filename: \""
                                + there.getFirst()
                                + "\""
                        : "put the model file there, or write default_model_filename");
    }

    private void failed(FindingKind kind, StatusException e) {
        failure = failure.or(() -> Optional.of(e));
        findings.error(kind, e);
    }
}
