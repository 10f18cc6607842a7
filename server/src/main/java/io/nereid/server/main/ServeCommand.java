package io.nereid.server.main;

import io.nereid.repository.PollOptions;
import io.nereid.repository.RepositoryAgents;
import io.nereid.repository.store.CacheSettings;
import io.nereid.server.ServerOptions;
import io.nereid.server.access.AccessFile;
import io.nereid.server.logging.LogFormat;
import io.nereid.server.memory.MemoryOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The command line of the server: Triton's flags for what exists (cli section 2). */
@Command(
        name = "serve",
        description = "Serves a model repository.",
        sortOptions = false,
        usageHelpAutoWidth = true)
final class ServeCommand {
    // Absent if the flags were read without picocli.
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print usage.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean help;

    @ArgGroup(validate = false, heading = "%nServer:%n")
    private GeneralFlags general = new GeneralFlags();

    @ArgGroup(validate = false, heading = "%nOverload and Stopping:%n")
    private LoadFlags load = new LoadFlags();

    @ArgGroup(validate = false, heading = "%nLogging:%n")
    private LogFlags logging = new LogFlags();

    @ArgGroup(validate = false, heading = "%nModel Repository:%n")
    private RepositoryFlags repository = new RepositoryFlags();

    @ArgGroup(validate = false, heading = "%nHTTP:%n")
    private HttpFlags http = new HttpFlags();

    @ArgGroup(validate = false, heading = "%nGRPC:%n")
    private GrpcFlags grpc = new GrpcFlags();

    @ArgGroup(validate = false, heading = "%nSagemaker:%n")
    private SageMakerFlags sagemaker = new SageMakerFlags();

    @ArgGroup(validate = false, heading = "%nVertex AI:%n")
    private VertexFlags vertex = new VertexFlags();

    @ArgGroup(validate = false, heading = "%nMetrics:%n")
    private MetricsFlags metrics = new MetricsFlags();

    @ArgGroup(validate = false, heading = "%nTracing:%n")
    private TraceFlags tracing = new TraceFlags();

    @ArgGroup(validate = false, heading = "%nBackend:%n")
    private BackendFlags backends = new BackendFlags();

    @ArgGroup(validate = false, heading = "%nRate Limiter, Device Management:%n")
    private InstanceFlags instances = new InstanceFlags();

    @ArgGroup(validate = false, heading = "%nResponse Cache:%n")
    private CacheFlags cache = new CacheFlags();

    @ArgGroup(
            validate = false,
            heading = "%nAccepted for compatibility, without effect in this server:%n")
    @SuppressWarnings("UnusedVariable") // accepted, not read
    private CompatibilityFlags compatibility = new CompatibilityFlags();

    private static final class GeneralFlags {
        @Option(names = "--id", description = "Identifier of this server.")
        String id = "triton";

        @Option(
                names = "--allow-client-shm",
                converter = OptionValues.Bool.class,
                description = "Let clients register shared memory.")
        boolean allowClientSharedMemory;

        ServerOptions.General options(LoadFlags load) {
            return new ServerOptions.General(
                    id,
                    load.stopping(),
                    load.admission(),
                    load.stuckAfter(),
                    allowClientSharedMemory);
        }
    }

    private static final class LogFlags {
        @Option(
                names = "--log-verbose",
                converter = OptionValues.Verbosity.class,
                description = "Verbosity; 0 is off.")
        int verbose;

        @Option(
                names = "--log-info",
                converter = OptionValues.Bool.class,
                description = "Log information.")
        boolean info = true;

        @Option(
                names = "--log-warning",
                converter = OptionValues.Bool.class,
                description = "Log warnings.")
        boolean warning = true;

        @Option(
                names = "--log-error",
                converter = OptionValues.Bool.class,
                description = "Log errors.")
        boolean error = true;

        @Option(
                names = "--log-format",
                description =
                        "Form of log lines: default, ISO8601, or json for an object on each line.")
        String format = "default";

        @Option(
                names = "--access-log",
                description =
                        "File that a line is appended to for each call of a client, or stdout; in"
                                + " JSON with --log-format=json.")
        String access = "";

        @Option(names = "--log-file", description = "File that log lines are appended to.")
        String file = "";
    }

    private static final class RepositoryFlags {
        @Option(
                names = {"--model-repository", "--model-store"},
                description =
                        "Directory with models, one model's directory, or one model file; or"
                                + " s3://bucket/path, s3://https://host:port/bucket/path,"
                                + " gs://bucket/path, as://account/container/path. May be given"
                                + " several times.")
        List<String> paths = new ArrayList<>();

        @Option(
                names = "--model-cache-directory",
                description =
                        "Where models of object stores are kept. Default: the user's cache, or"
                                + " the folder of TRITON_AWS_MOUNT_DIRECTORY,"
                                + " TRITON_GCS_MOUNT_DIRECTORY, TRITON_AZURE_MOUNT_DIRECTORY.")
        Optional<Path> cacheDirectory = Optional.empty();

        @Option(
                names = "--model-cache-size",
                converter = OptionValues.ByteSize.class,
                description =
                        "Bytes of models of object stores beyond which those go that none needs;"
                                + " K, M, G or T may follow. Default: 32G.")
        long cacheBytes = CacheSettings.DEFAULT_BYTES;

        @Option(
                names = "--exit-on-error",
                converter = OptionValues.Bool.class,
                description = "Exit when a model cannot be loaded at start.")
        boolean exitOnError = true;

        @Option(
                names = "--disable-auto-complete-config",
                description = "Do not complete model configurations; config.pbtxt is required.")
        boolean disableAutoComplete;

        @Option(
                names = "--strict-model-config",
                converter = OptionValues.Bool.class,
                description = "Deprecated form of --disable-auto-complete-config.")
        boolean strictModelConfig;

        @Option(
                names = "--strict-readiness",
                converter = OptionValues.Bool.class,
                description = "Ready only while all models are.")
        boolean strictReadiness = true;

        @Option(
                names = "--model-control-mode",
                description =
                        "none: load all models at start; poll: all, and again when they change;"
                                + " explicit: those of --load-model.")
        String controlMode = "none";

        @Option(
                names = "--load-model",
                description =
                        "Model to load at start in mode explicit, or to serve in mode poll; * for"
                                + " all. Repeatable.")
        List<String> loadModels = new ArrayList<>();

        @Option(
                names = "--repository-poll-secs",
                converter = OptionValues.Int.class,
                description = "Seconds between two looks in mode poll; 0 for never.")
        int pollSecs = (int) PollOptions.DEFAULT_INTERVAL.toSeconds();

        @Option(
                names = "--repository-quiet-ms",
                converter = OptionValues.Int.class,
                description =
                        "Milliseconds for which a directory must not have changed in mode poll"
                                + " before it is taken up.")
        int quietMillis = (int) PollOptions.DEFAULT_QUIET.toMillis();

        @Option(
                names = "--repository-ready-marker",
                description =
                        "Name of a file that is written last, or touched, when a copy into a"
                                + " model's directory is complete: in mode poll nothing is taken up"
                                + " without it.")
        Optional<String> readyMarker = Optional.empty();

        @Option(
                names = "--model-load-thread-count",
                converter = OptionValues.Int.class,
                description = "Model versions loaded at a time.")
        int loadThreads = 4;

        @Option(
                names = "--model-load-retry-count",
                converter = OptionValues.Int.class,
                description = "Further attempts to load a model version that cannot be loaded.")
        int loadRetries;

        @Option(
                names = "--model-config-name",
                description = "Use configs/<name>.pbtxt of a model's directory where there is one.")
        Optional<String> configName = Optional.empty();

        @Option(
                names = "--model-namespacing",
                converter = OptionValues.Bool.class,
                description = "Let models of different repositories share a name.")
        boolean namespacing;

        @Option(
                names = "--model-memory-budget",
                converter = OptionValues.ByteSize.class,
                description =
                        "Most memory for all models, such as 8G: a load that would exceed it is"
                                + " refused, or makes room with --load-policy=lazy.")
        Optional<Long> memoryBudget = Optional.empty();

        @Option(
                names = "--load-policy",
                description =
                        "eager: models are open while they are loaded; lazy: a request opens its"
                                + " model, the least recently used is closed when the budget is"
                                + " used up.")
        String loadPolicy = "eager";

        @Option(
                names = "--pin-model",
                description = "Model that stays open in spite of --load-policy=lazy. Repeatable.")
        List<String> pinned = new ArrayList<>();

        @Option(
                names = "--lazy-load-timeout-secs",
                converter = OptionValues.Int.class,
                description = "Longest time that a request waits until its model is open.")
        int openTimeoutSecs = (int) MemoryOptions.DEFAULT_PATIENCE.toSeconds();
    }

    private static final class BackendFlags {
        @Option(
                names = "--backend-directory",
                description = "Folder with one folder per engine. Default: that of the server.")
        Optional<Path> directory = Optional.empty();

        @Option(
                names = "--backend-config",
                description =
                        "<backend>,<setting>=<value>, or <setting>=<value> for all. Repeatable.")
        List<String> settings = new ArrayList<>();

        @Option(
                names = "--repoagent-directory",
                description =
                        "Folder with one folder of jars per repository agent, besides the built-in"
                                + " checksum.")
        Path agents = RepositoryAgents.DEFAULT_DIRECTORY;
    }

    private static final class CompatibilityFlags {
        @Option(
                names = {
                    "--http-thread-count",
                    "--grpc-infer-allocation-pool-size",
                    "--grpc-http2-max-pings-without-data",
                    "--grpc-http2-max-ping-strikes",
                    "--sagemaker-thread-count",
                    "--vertex-ai-thread-count",
                    "--buffer-manager-thread-count",
                    "--pinned-memory-pool-byte-size",
                    "--cuda-memory-pool-byte-size",
                    "--cuda-virtual-address-size",
                    "--enable-peer-access"
                },
                paramLabel = "<value>",
                description = "Threads and pools are sized from the machine.")
        List<String> ignored = new ArrayList<>();
    }

    /**
     * What the flags say, with the rules that hold after parsing (cli section 3).
     *
     * @throws ParameterException if they break a rule and picocli has read them
     * @throws IllegalArgumentException if they break a rule, else
     */
    ServerOptions options(Map<String, String> environment, Path home) {
        try {
            if (http.maxInputSize <= 0) {
                throw bad(
                        "--http-max-input-size",
                        "Error: --http-max-input-size must be greater than 0.");
            }
            ServerOptions options = read(environment, home);
            new PortRules(options)
                    .check()
                    .ifPresent(text -> {
                        throw new IllegalArgumentException(text);
                    });
            return options;
        } catch (IllegalArgumentException | TypeConversionException e) {
            throw refused(e);
        }
    }

    private ServerOptions read(Map<String, String> environment, Path home) {
        boolean elsewhere = VertexFlags.isPrediction(environment);
        return new ServerOptions(
                general.options(load),
                repositoryOptions(environment),
                http.options(!elsewhere),
                grpc.options(!elsewhere),
                sagemaker.options(environment),
                vertex.options(environment),
                metrics.options(http.address),
                tracing.options(environment),
                new ServerOptions.Backends(
                        backends.directory.orElse(home.resolve("backends")),
                        backendSettings(),
                        backends.agents),
                new ServerOptions.Stores(
                        home.resolve("stores"),
                        new CacheSettings(repository.cacheDirectory, repository.cacheBytes),
                        environment),
                instances.options(),
                cache.options(environment, home));
    }

    /**
     * How lines are logged.
     *
     * @throws RuntimeException as {@link #options}
     */
    LogSettings logSettings() {
        return new LogSettings(
                logging.verbose,
                logging.info,
                logging.warning,
                logging.error,
                logFormat(),
                logging.file.isEmpty() ? Optional.empty() : Optional.of(Path.of(logging.file)));
    }

    private LogFormat logFormat() {
        return LogFormat.of(logging.format)
                .orElseThrow(
                        () -> refused(bad("--log-format", "invalid argument for --log-format")));
    }

    /** The access log, if one is wanted. */
    Optional<AccessFile> accessLog() {
        return Optional.of(logging.access)
                .filter(target -> !target.isEmpty())
                .map(target ->
                        new AccessFile(
                                LogSettings.accessStream(target),
                                logFormat() == LogFormat.JSON,
                                InstantSource.system(),
                                System::nanoTime));
    }

    private ServerOptions.Repository repositoryOptions(Map<String, String> environment) {
        List<String> paths = new ArrayList<>(repository.paths);
        String storage = environment.getOrDefault("AIP_STORAGE_URI", "");
        if (paths.isEmpty() && !storage.isEmpty()) {
            paths.add(storage);
        }
        if (paths.isEmpty()) {
            throw bad("--model-repository", "--model-repository must be specified");
        }
        ServerOptions.ControlMode mode = controlMode();
        if (mode == ServerOptions.ControlMode.NONE && !repository.loadModels.isEmpty()) {
            throw bad(
                    "--load-model",
                    "Error: Use of '--load-model' requires setting '--model-control-mode=explicit'"
                            + " as well.");
        }
        if (repository.configName.filter(String::isEmpty).isPresent()) {
            throw bad("--model-config-name", "Error: empty argument for --model-config-name");
        }
        return new ServerOptions.Repository(
                paths.stream().distinct().sorted().toList(),
                mode,
                List.copyOf(repository.loadModels),
                repository.exitOnError,
                repository.strictReadiness,
                !repository.disableAutoComplete && !repository.strictModelConfig,
                repository.configName,
                Math.max(1, repository.loadThreads),
                Math.max(0, repository.loadRetries),
                repository.namespacing,
                polling(mode),
                memoryOptions());
    }

    private MemoryOptions memoryOptions() {
        boolean lazy =
                switch (repository.loadPolicy.toLowerCase(Locale.ROOT)) {
                    case "eager" -> false;
                    case "lazy" -> true;
                    default ->
                            throw bad("--load-policy", "--load-policy must be 'eager' or 'lazy'.");
                };
        if (repository.openTimeoutSecs <= 0) {
            throw bad("--lazy-load-timeout-secs", "--lazy-load-timeout-secs must be at least 1.");
        }
        return new MemoryOptions(
                repository.memoryBudget.map(OptionalLong::of).orElseGet(OptionalLong::empty),
                lazy,
                Set.copyOf(repository.pinned),
                Duration.ofSeconds(repository.openTimeoutSecs));
    }

    private Optional<PollOptions> polling(ServerOptions.ControlMode mode) {
        if (mode != ServerOptions.ControlMode.POLL || repository.pollSecs <= 0) {
            return Optional.empty();
        }
        if (repository.quietMillis < 0) {
            throw bad("--repository-quiet-ms", "--repository-quiet-ms must not be negative.");
        }
        return Optional.of(
                new PollOptions(
                        Duration.ofSeconds(repository.pollSecs),
                        Duration.ofMillis(repository.quietMillis),
                        repository.readyMarker.filter(name -> !name.isEmpty())));
    }

    private ServerOptions.ControlMode controlMode() {
        return switch (repository.controlMode.toLowerCase(Locale.ROOT)) {
            case "none" -> ServerOptions.ControlMode.NONE;
            case "explicit" -> ServerOptions.ControlMode.EXPLICIT;
            case "poll" -> ServerOptions.ControlMode.POLL;
            default ->
                    throw bad("--model-control-mode", "invalid argument for --model-control-mode");
        };
    }

    private Map<String, Map<String, String>> backendSettings() {
        Map<String, Map<String, String>> settings = new LinkedHashMap<>();
        for (String text : backends.settings) {
            int equals = text.indexOf('=');
            if (equals < 0) {
                throw bad(
                        "--backend-config",
                        "--backend-config option format is <backend name>,<setting>=<value>. Got "
                                + text);
            }
            // Without a backend's name the setting is for all; a comma behind '=' is a value's.
            int comma = text.substring(0, equals).indexOf(',');
            String backend = text.substring(0, Math.max(0, comma));
            settings.computeIfAbsent(backend, name -> new LinkedHashMap<>())
                    .put(text.substring(comma + 1, equals), text.substring(equals + 1));
        }
        return settings;
    }

    private IllegalArgumentException bad(String flag, String detail) {
        return new IllegalArgumentException("Bad option: \"" + flag + "\".\n" + detail);
    }

    /** What picocli's caller shows with the usage, or else the mistake as it is. */
    private RuntimeException refused(RuntimeException mistake) {
        return spec == null
                ? mistake
                : new ParameterException(
                        spec.commandLine(), String.valueOf(mistake.getMessage()), mistake);
    }
}
