package io.nereid.server;

import io.nereid.backend.scheduler.ratelimit.ResourceLimit;
import io.nereid.repository.PollOptions;
import io.nereid.repository.store.CacheSettings;
import io.nereid.server.instances.HostPolicies;
import io.nereid.server.measures.MeasureSettings;
import io.nereid.server.memory.MemoryOptions;
import io.nereid.server.security.HeaderForwarding;
import io.nereid.server.security.RestrictedApis;
import io.nereid.server.trace.TraceOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the server is told at start, in the groups of the command line.
 *
 * @param general identity, stopping, limits
 * @param repository where models come from and how they are loaded
 * @param http the KServe v2 HTTP port
 * @param grpc the KServe v2 gRPC port
 * @param sagemaker the SageMaker port
 * @param vertex the Vertex AI port
 * @param metrics the metrics port
 * @param trace how tracing begins
 * @param backends engines and their settings
 * @param stores object stores and what is kept of them
 * @param instances when and where instances execute
 * @param cache answers that are given again
 */
public record ServerOptions(
        General general,
        Repository repository,
        Http http,
        Grpc grpc,
        SageMaker sagemaker,
        Vertex vertex,
        Metrics metrics,
        TraceOptions trace,
        Backends backends,
        Stores stores,
        Instances instances,
        Cache cache) {

    /** How it is decided which models are loaded. */
    public enum ControlMode {
        /** All models at start. */
        NONE,
        /** All models, or those named at start, and again whenever they change. */
        POLL,
        /** The models named at start. */
        EXPLICIT
    }

    /**
     * Identity, stopping, limits.
     *
     * @param id name in the server metadata
     * @param stopping how the server stops
     * @param admission how much work it takes on at a time
     * @param stuckAfter how long an instance may execute one batch before it counts as stuck; zero
     *     for ever
     * @param allowClientSharedMemory whether clients may register shared memory
     */
    public record General(
            String id,
            Stopping stopping,
            AdmissionLimits admission,
            Duration stuckAfter,
            boolean allowClientSharedMemory) {}

    /**
     * How the server stops.
     *
     * @param drainDelay time in which it says that it is not ready, and serves as before
     * @param exitTimeoutSecs longest wait for requests in flight after that
     */
    public record Stopping(Duration drainDelay, int exitTimeoutSecs) {}

    /**
     * Where models come from and how they are loaded.
     *
     * @param paths repositories: directories, or URLs of object stores
     * @param startupModels models to load in mode EXPLICIT, to serve in mode POLL; {@code *} for
     *     all
     * @param configName name of the configuration to prefer to {@code config.pbtxt}
     * @param loadThreads versions loaded at a time
     * @param loadRetries how often a version that cannot be loaded is tried again
     * @param namespacing whether models of different repositories may share a name
     * @param polling how repositories are watched in mode POLL; empty if they are not
     * @param memory how much memory models may take
     */
    public record Repository(
            List<String> paths,
            ControlMode controlMode,
            List<String> startupModels,
            boolean exitOnError,
            boolean strictReadiness,
            boolean autoComplete,
            Optional<String> configName,
            int loadThreads,
            int loadRetries,
            boolean namespacing,
            Optional<PollOptions> polling,
            MemoryOptions memory) {}

    /**
     * The KServe v2 HTTP port.
     *
     * @param maxInputSize bytes that a JSON part may have, or an input converted from JSON
     * @param maxConnections connections open at a time; more are closed as soon as they come
     * @param restricted endpoints that ask for a header
     * @param forwarding headers handed to models
     * @param corsOrigins origins of browser pages that may read answers; {@code *} for any
     * @param tls certificates; empty for plain HTTP
     */
    public record Http(
            boolean allow,
            String address,
            int port,
            boolean reusePort,
            long maxInputSize,
            int maxConnections,
            RestrictedApis restricted,
            HeaderForwarding forwarding,
            List<String> corsOrigins,
            Optional<Tls> tls) {}

    /**
     * Certificates of a port, in PEM files.
     *
     * @param certificate chain of the server
     * @param key private key of the server
     * @param rootCertificate authorities that client certificates are checked against
     * @param mutual whether clients must show a certificate
     */
    public record Tls(Path certificate, Path key, Optional<Path> rootCertificate, boolean mutual) {
        /** Whom clients must be certified by; empty if they need no certificate. */
        public Optional<Path> clientAuthorities() {
            return mutual ? rootCertificate : Optional.empty();
        }
    }

    /** How much effort goes into compressing answers. */
    public enum Compression {
        NONE,
        LOW,
        MEDIUM,
        HIGH
    }

    /**
     * The KServe v2 gRPC port. Times are milliseconds, 0 for none.
     *
     * @param maxResponsePoolSize responses of one stream that wait to be written
     * @param compression of answers to inference
     * @param restricted protocols that ask for metadata, by the whole name of its key
     * @param forwarding metadata handed to models
     * @param tls certificates; empty for plain text
     */
    public record Grpc(
            boolean allow,
            String address,
            int port,
            boolean reusePort,
            Keepalive keepalive,
            int maxResponsePoolSize,
            Compression compression,
            RestrictedApis restricted,
            HeaderForwarding forwarding,
            Optional<Tls> tls) {}

    /** Pings and age of gRPC connections. Times are milliseconds, 0 for none. */
    public record Keepalive(
            long time,
            long timeout,
            boolean permitWithoutCalls,
            long minReceivePingInterval,
            long maxConnectionAge,
            long maxConnectionAgeGrace) {}

    /**
     * The SageMaker port, and what the platform's environment says.
     *
     * @param safePortRange ports that every other service must use, lowest and highest
     * @param defaultModel model behind {@code /invocations}
     * @param inferenceType {@code infer}, {@code generate} or {@code generate_stream}
     * @param pingMode {@code ready} or {@code live}
     * @param archives directory in which the platform unpacks models of multi-model endpoints
     */
    public record SageMaker(
            boolean allow,
            int port,
            Optional<PortRange> safePortRange,
            Optional<String> defaultModel,
            String inferenceType,
            String pingMode,
            Path archives) {}

    /** Ports from {@code lowest} to {@code highest}, both included. */
    public record PortRange(int lowest, int highest) {
        /** Whether a port lies in the range. */
        public boolean contains(int port) {
            return port >= lowest && port <= highest;
        }
    }

    /**
     * The Vertex AI port, and what the platform's environment says.
     *
     * @param defaultModel model behind the predict route
     * @param predictRoute {@code AIP_PREDICT_ROUTE}
     * @param healthRoute {@code AIP_HEALTH_ROUTE}
     */
    public record Vertex(
            boolean allow,
            int port,
            Optional<String> defaultModel,
            Optional<String> predictRoute,
            Optional<String> healthRoute) {}

    /**
     * The metrics port.
     *
     * @param interval time in which the machine is looked at twice
     * @param cpu whether processors and memory of the machine are shown
     * @param counterLatencies whether counters of durations are shown
     * @param legacy whether families are shown that only old dashboards ask for
     * @param measures what is measured besides the counters
     * @param ineffective settings that were given and have no effect
     */
    public record Metrics(
            boolean allow,
            String address,
            int port,
            Duration interval,
            boolean cpu,
            boolean counterLatencies,
            boolean legacy,
            MeasureSettings measures,
            List<String> ineffective) {}

    /**
     * Engines and their settings, and other plug-ins.
     *
     * @param directory one folder per engine
     * @param settings by engine, then by name; the empty engine name holds settings for all
     * @param agents one folder per repository agent; need not exist
     */
    public record Backends(
            Path directory, Map<String, Map<String, String>> settings, Path agents) {}

    /**
     * The response cache.
     *
     * @param directory one folder per kind of cache
     * @param name kind of cache; empty for none
     * @param settings of the cache, by name
     * @param environment variables of the process, for credentials
     */
    public record Cache(
            Path directory,
            Optional<String> name,
            Map<String, String> settings,
            Map<String, String> environment) {
        /** Does not print what may be secret. */
        @Override
        public String toString() {
            return "Cache[directory=" + directory + ", name=" + name + "]";
        }
    }

    /**
     * Object stores that models come from.
     *
     * @param directory one folder per kind of store
     * @param cache what was downloaded
     * @param environment variables of the process, for credentials
     */
    public record Stores(Path directory, CacheSettings cache, Map<String, String> environment) {
        /** Does not print the environment, which holds secrets. */
        @Override
        public String toString() {
            return "Stores[directory=" + directory + ", cache=" + cache + "]";
        }
    }

    /**
     * When and where instances execute.
     *
     * @param rateLimited whether they wait for the resources of their rate limiter
     * @param resources how much there is of resources; empty for as much as instances need
     * @param hostPolicies the cores that their threads run on
     * @param computeCapability least compute capability of GPUs to use
     * @param inline how long executions may take in the mean that are done by the threads that
     *     receive requests; zero for none
     */
    public record Instances(
            boolean rateLimited,
            List<ResourceLimit> resources,
            HostPolicies hostPolicies,
            double computeCapability,
            Duration inline) {
        /** Microseconds of an execution that is done where its request is received. */
        public static final int INLINE_MICROS = 100;

        /** Instances execute whenever there is work, on any core. */
        public static final Instances DEFAULT =
                new Instances(
                        false,
                        List.of(),
                        HostPolicies.NONE,
                        0,
                        Duration.of(INLINE_MICROS, ChronoUnit.MICROS));

        /** Copies the list. */
        public Instances {
            resources = List.copyOf(resources);
        }
    }
}
