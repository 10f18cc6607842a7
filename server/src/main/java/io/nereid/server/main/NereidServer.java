package io.nereid.server.main;

import io.nereid.backend.Cores;
import io.nereid.backend.ModelLease;
import io.nereid.backend.scheduler.InstanceRules;
import io.nereid.backend.scheduler.TimerThread;
import io.nereid.backend.scheduler.ratelimit.RateLimiter;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.GpuInventory;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.LoadSummary;
import io.nereid.repository.ModelRepository;
import io.nereid.repository.RepositoryOptions;
import io.nereid.repository.StartupModels;
import io.nereid.repository.store.ModelStoreProvider;
import io.nereid.repository.store.ModelStores;
import io.nereid.repository.store.StoreTimeouts;
import io.nereid.repository.store.StoreUrl;
import io.nereid.server.Admission;
import io.nereid.server.ControlTasks;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerExtensions;
import io.nereid.server.ServerOptions;
import io.nereid.server.access.AccessFile;
import io.nereid.server.access.AccessLog;
import io.nereid.server.grpc.GrpcFrontend;
import io.nereid.server.health.Readiness;
import io.nereid.server.health.Watchdog;
import io.nereid.server.health.WatchdogThread;
import io.nereid.server.http.HttpFrontend;
import io.nereid.server.instances.ThreadPlan;
import io.nereid.server.logging.LogControl;
import io.nereid.server.memory.IdleMemory;
import io.nereid.server.memory.IdleMemoryThread;
import io.nereid.server.memory.ModelMemory;
import io.nereid.server.metrics.MetricsFrontend;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.EventLoops;
import io.nereid.server.netty.Transport;
import io.nereid.server.sagemaker.PingMode;
import io.nereid.server.sagemaker.SageMakerFrontend;
import io.nereid.server.sharedmemory.SharedMemoryRegions;
import io.nereid.server.statistics.OpenVersions;
import io.nereid.server.statistics.ServerStatistics;
import io.nereid.server.trace.TraceSettings;
import io.nereid.server.trace.Tracing;
import io.nereid.server.vertex.VertexFrontend;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server: makes the parts, connects them and takes them down again. Started and stopped
 * on control threads.
 *
 * <p>Ports open before models load, so that {@code live} can be told from {@code ready}.
 */
public final class NereidServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NereidServer.class);
    private static final long MAX_IDLE_TENSOR_BYTES = 512L << 20;

    private final ServerOptions options;
    private final Shutdown shutdown;
    private final BackendRegistry backends;
    private final ModelRepository repository;
    private final InferenceServer inference;
    private final Optional<ResponseCaching> caching;
    private final OpenVersions versions = new OpenVersions();
    private final ThreadPlan plan;

    private Optional<HttpFrontend> http = Optional.empty();
    private Optional<GrpcFrontend> grpc = Optional.empty();
    private Optional<SageMakerFrontend> sagemaker = Optional.empty();
    private Optional<VertexFrontend> vertex = Optional.empty();
    private Optional<MetricsFrontend> metrics = Optional.empty();

    private NereidServer(
            ServerOptions options,
            LogControl logControl,
            Optional<AccessFile> access,
            Shutdown shutdown) {
        this.options = options;
        this.shutdown = shutdown;
        int cores = Cores.available();
        plan = new ThreadPlan(cores);
        SlabAllocator allocator = new SlabAllocator(MAX_IDLE_TENSOR_BYTES, false);
        shutdown.last("tensor memory", allocator::close);
        IdleMemoryThread idleMemory = new IdleMemoryThread();
        shutdown.last("idle memory", idleMemory::close);
        idleMemory.start(new IdleMemory(allocator::releaseUnused));
        access.ifPresent(file -> shutdown.last("access log", file::close));
        TraceSettings traceSettings = new TraceSettings(options.trace());
        Tracing tracing = TraceModes.open(options.trace(), traceSettings);
        shutdown.last("traces", tracing::close);
        SharedMemoryRegions regions =
                new SharedMemoryRegions(
                        options.general().allowClientSharedMemory(), allocator.copies());
        shutdown.last("shared memory", regions::close);
        backends =
                new BackendRegistry(
                        options.backends().directory(),
                        options.backends().settings(),
                        allocator,
                        cores);
        shutdown.last("backends", backends::close);
        caching = ResponseCaching.open(options.cache(), allocator, cores);
        caching.ifPresent(cache -> shutdown.last("response cache", cache::close));
        AgentRegistry agents = new AgentRegistry(options.backends().agents());
        shutdown.last("repository agents", agents::close);
        TimerThread timer = new TimerThread();
        shutdown.last("timer", timer::close);
        ModelMemory memory =
                new ModelMemory(
                        options.repository().memory(), timer, options.repository().loadThreads());
        shutdown.last("memory of models", memory::close);
        ModelStores stores = stores(options, shutdown);
        repository =
                new ModelRepository(
                        repositoryOptions(options.repository()),
                        new EngineModelLoader(
                                backends,
                                this::member,
                                timer,
                                allocator,
                                memory,
                                versions,
                                rules(options.instances()),
                                plan,
                                options.metrics().measures(),
                                caching),
                        stores,
                        agents.agents());
        shutdown.last("models", repository::close);
        ControlTasks tasks = new ControlTasks();
        shutdown.last("administrative tasks", tasks::close);
        inference =
                new InferenceServer(
                        StartupTables.metadata(options.general().id()),
                        repository,
                        allocator,
                        new Admission(options.general().admission()),
                        readiness(options),
                        new ServerExtensions(
                                repository,
                                new ServerStatistics(),
                                regions,
                                traceSettings,
                                tracing,
                                logControl,
                                access.<AccessLog>map(file -> file).orElse(AccessLog.NONE)),
                        tasks);
    }

    /** A limit of zero means that nobody looks for instances that hang. */
    private Readiness readiness(ServerOptions options) {
        boolean strict = options.repository().strictReadiness();
        if (options.general().stuckAfter().isZero()) {
            return Readiness.unwatched(strict);
        }
        Watchdog watchdog =
                new Watchdog(versions, options.general().stuckAfter(), System::nanoTime);
        WatchdogThread thread = new WatchdogThread();
        shutdown.last("watchdog", thread::close);
        thread.start(watchdog);
        return new Readiness(strict, watchdog::stuck);
    }

    private static InstanceRules rules(ServerOptions.Instances options) {
        Optional<RateLimiter> limiter =
                options.rateLimited()
                        ? Optional.of(new RateLimiter(options.resources()))
                        : Optional.empty();
        return new InstanceRules(
                limiter, options.hostPolicies()::place, options.inline().toNanos());
    }

    /** Kinds of stores are looked for only where a repository lies in one. */
    static ModelStores stores(ServerOptions options, Shutdown shutdown) {
        ServerOptions.Stores settings = options.stores();
        List<ModelStoreProvider> providers = List.of();
        boolean remote =
                options.repository().paths().stream()
                        .anyMatch(path -> StoreUrl.of(path).isPresent());
        if (remote && Files.isDirectory(settings.directory())) {
            ServiceFolders folders = new ServiceFolders();
            shutdown.last("kinds of model stores", folders::close);
            providers =
                    folders.find(ModelStoreProvider.class, settings.directory()).stream()
                            .map(ServiceFolders.Found::service)
                            .toList();
        }
        ModelStores stores =
                new ModelStores(
                        providers, settings.environment(), settings.cache(), StoreTimeouts.DEFAULT);
        shutdown.last("model stores", stores::close);
        return stores;
    }

    /**
     * Starts a server in a program that decides itself what is logged: the log settings that
     * clients change are the server's alone.
     *
     * @throws StatusException as {@link #start(ServerOptions, LogControl, Optional)}
     */
    public static NereidServer start(ServerOptions options) {
        return start(options, RunningLog.unheard(), Optional.empty());
    }

    /**
     * Starts a server: opens its ports, then loads its models.
     *
     * @param logControl the log that clients may change
     * @param access told of every call; closed with the server
     * @throws StatusException INTERNAL {@code failed to load all models} if one could not be loaded
     *     and {@code --exit-on-error} asks for an end, or what keeps the server from starting
     */
    public static NereidServer start(
            ServerOptions options, LogControl logControl, Optional<AccessFile> access) {
        Shutdown shutdown = new Shutdown();
        boolean started = false;
        try {
            NereidServer server = new NereidServer(options, logControl, access, shutdown);
            server.openPorts();
            server.loadModels();
            started = true;
            return server;
        } finally {
            if (!started) {
                shutdown.run();
            }
        }
    }

    /** The port of HTTP. */
    public int httpPort() {
        return http.orElseThrow().port();
    }

    /** The port of gRPC. */
    public int grpcPort() {
        return grpc.orElseThrow().port();
    }

    /** The port of SageMaker. */
    public int sagemakerPort() {
        return sagemaker.orElseThrow().port();
    }

    /** The port of Vertex AI. */
    public int vertexPort() {
        return vertex.orElseThrow().port();
    }

    /** The port of metrics. */
    public int metricsPort() {
        return metrics.orElseThrow().port();
    }

    /** Requests that were accepted and have not ended. */
    long inFlight() {
        return inference.inFlight();
    }

    /** The repository index. */
    List<IndexEntry> index() {
        return inference.index();
    }

    /** Completes when a client has asked, as it may, that the server be stopped. */
    CompletableFuture<Void> stopAsked() {
        return inference.stopAsked();
    }

    /**
     * Is not ready any more, serves for {@code --drain-delay-secs}, stops accepting, answers what
     * was accepted, and frees everything.
     *
     * @throws StatusException INTERNAL if requests did not end within {@code --exit-timeout-secs}
     * @throws IllegalStateException if tensor memory was not given back
     */
    @Override
    public void close() {
        ServerOptions.Stopping stopping = options.general().stopping();
        Drain drain = new Drain(inference, http, grpc, sagemaker, vertex);
        inference.draining();
        drain.delay(stopping.drainDelay());
        inference.exiting();
        drain.await(stopping.exitTimeoutSecs());
        shutdown.run();
    }

    private void openPorts() {
        EventLoops loops = EventLoops.open(Cores.available());
        shutdown.first("event loops", loops::close);
        if (options.grpc().allow()) {
            GrpcFrontend frontend = new GrpcFrontend(inference, options.grpc(), loops.transport());
            shutdown.first("gRPC", frontend::close);
            frontend.start();
            grpc = Optional.of(frontend);
        }
        if (options.http().allow()) {
            http = Optional.of(HttpFrontend.start(inference, options.http(), loops.transport()));
            shutdown.first("HTTP", http.get()::close);
        }
        if (options.sagemaker().allow()) {
            sagemaker =
                    Optional.of(
                            SageMakerFrontend.start(
                                    inference, sagemakerSettings(), loops.transport()));
            shutdown.first("SageMaker", sagemaker.get()::close);
        }
        if (options.vertex().allow()) {
            vertex = Optional.of(startVertex(loops.transport()));
            shutdown.first("Vertex AI", vertex.get()::close);
        }
        if (options.metrics().allow()) {
            metrics =
                    Optional.of(
                            MetricsFrontend.start(
                                    inference,
                                    options.metrics(),
                                    versions,
                                    () -> caching.flatMap(ResponseCaching::figures)));
            shutdown.first("metrics", metrics.get()::close);
        }
    }

    private void loadModels() {
        LoadSummary summary = repository.loadAll();
        log.info(LogLine.VERBATIM, "{}", backends.table());
        log.info(LogLine.VERBATIM, "{}", StartupTables.models(summary));
        log.info(LogLine.VERBATIM, "{}", StartupTables.threads(plan));
        if (!summary.allLoaded() && options.repository().exitOnError()) {
            throw new StatusException(StatusCode.INTERNAL, "failed to load all models");
        }
        if (!summary.allLoaded()) {
            log.error("failed to load all models");
        }
        inference.initialized();
        repository.startPolling();
        log.info(LogLine.VERBATIM, "{}", StartupTables.options(options, inference.metadata()));
    }

    private SageMakerFrontend.Settings sagemakerSettings() {
        ServerOptions.SageMaker settings = options.sagemaker();
        return new SageMakerFrontend.Settings(
                settings.port(),
                options.http().maxInputSize(),
                new DefaultModel(settings.defaultModel(), inference)::get,
                settings.inferenceType(),
                PingMode.of(settings.pingMode()),
                new ApiGate(options.http().restricted()),
                settings.archives());
    }

    private VertexFrontend startVertex(Transport transport) {
        ServerOptions.Vertex settings = options.vertex();
        return VertexFrontend.start(
                inference,
                new VertexFrontend.Settings(
                        settings.port(),
                        options.http().maxInputSize(),
                        options.http().maxConnections(),
                        new DefaultModel(settings.defaultModel(), inference)::get,
                        settings.predictRoute(),
                        settings.healthRoute()),
                new ApiGate(options.http().restricted()),
                dialect -> HttpFrontend.routes(inference, options.http(), dialect),
                transport);
    }

    private ModelLease member(String id, OptionalLong version) {
        return repository.leaseMember(id, version);
    }

    /** What a repository is told at start. */
    static RepositoryOptions repositoryOptions(ServerOptions.Repository options) {
        StartupModels startup =
                switch (options.controlMode()) {
                    case NONE -> new StartupModels.All();
                    case POLL ->
                            options.startupModels().isEmpty()
                                    ? new StartupModels.All()
                                    : StartupModels.explicit(options.startupModels());
                    case EXPLICIT -> StartupModels.explicit(options.startupModels());
                };
        return new RepositoryOptions(
                options.paths(),
                startup,
                options.controlMode() == ServerOptions.ControlMode.EXPLICIT,
                options.autoComplete(),
                options.configName(),
                options.loadThreads(),
                options.loadRetries(),
                GpuInventory.NONE,
                options.namespacing(),
                options.polling());
    }
}
