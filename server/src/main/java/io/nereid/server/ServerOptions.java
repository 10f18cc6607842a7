package io.nereid.server;

import java.nio.file.Path;
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
 * @param backends engines and their settings
 */
public record ServerOptions(
        General general,
        Repository repository,
        Http http,
        Grpc grpc,
        SageMaker sagemaker,
        Backends backends) {

    /** How it is decided which models are loaded. */
    public enum ControlMode {
        /** All models at start. */
        NONE,
        /** The models named at start. */
        EXPLICIT
    }

    /**
     * Identity, stopping, limits.
     *
     * @param id name in the server metadata
     * @param exitTimeoutSecs longest wait for requests in flight when stopping
     * @param maxInflightBytes most bytes of request bodies held at a time
     */
    public record General(String id, int exitTimeoutSecs, long maxInflightBytes) {}

    /**
     * Where models come from and how they are loaded.
     *
     * @param paths repositories
     * @param startupModels models to load in mode EXPLICIT; {@code *} for all
     * @param loadThreads versions loaded at a time
     */
    public record Repository(
            List<Path> paths,
            ControlMode controlMode,
            List<String> startupModels,
            boolean exitOnError,
            boolean strictReadiness,
            boolean autoComplete,
            int loadThreads) {}

    /**
     * The KServe v2 HTTP port.
     *
     * @param maxInputSize bytes that a JSON part may have, or an input converted from JSON
     */
    public record Http(
            boolean allow, String address, int port, boolean reusePort, long maxInputSize) {}

    /** The KServe v2 gRPC port. Times are milliseconds, 0 for none. */
    public record Grpc(
            boolean allow,
            String address,
            int port,
            boolean reusePort,
            long keepaliveTime,
            long keepaliveTimeout,
            boolean keepalivePermitWithoutCalls,
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
     */
    public record SageMaker(
            boolean allow,
            int port,
            Optional<PortRange> safePortRange,
            Optional<String> defaultModel,
            String inferenceType,
            String pingMode) {}

    /** Ports from {@code lowest} to {@code highest}, both included. */
    public record PortRange(int lowest, int highest) {
        /** Whether a port lies in the range. */
        public boolean contains(int port) {
            return port >= lowest && port <= highest;
        }
    }

    /**
     * Engines and their settings.
     *
     * @param directory one folder per engine
     * @param settings by engine, then by name; the empty engine name holds settings for all
     */
    public record Backends(Path directory, Map<String, Map<String, String>> settings) {}
}
