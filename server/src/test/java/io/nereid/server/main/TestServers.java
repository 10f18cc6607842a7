package io.nereid.server.main;

import io.nereid.repository.PollOptions;
import io.nereid.repository.RepositoryAgents;
import io.nereid.repository.store.CacheSettings;
import io.nereid.server.ServerOptions;
import io.nereid.server.TestOptions;
import io.nereid.server.memory.MemoryOptions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;

/** Options for servers in tests: loopback, free ports, the engines of the built distribution. */
public final class TestServers {
    /** The configuration of a decoupled model, which answers with each element of its input. */
    static final String REPEAT =
            """
            backend: "repeat" model_transaction_policy { decoupled: true }
            input [ { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] },
                    { name: "DELAY" data_type: TYPE_UINT32 dims: [ -1 ] },
                    { name: "WAIT" data_type: TYPE_UINT32 dims: [ 1 ] } ]
            output [ { name: "OUT" data_type: TYPE_INT32 dims: [ 1 ] },
                     { name: "IDX" data_type: TYPE_UINT32 dims: [ 1 ] } ]
            """;

    private TestServers() {}

    /** Makes a model that has one version and needs no files. */
    static void place(Path repository, String model, String config) throws IOException {
        Path directory = repository.resolve(model);
        Files.createDirectories(directory.resolve("1"));
        Files.writeString(directory.resolve("config.pbtxt"), config);
    }

    /** Serves all models of a repository on every port; a broken model is no reason to exit. */
    public static ServerOptions options(Path repository) {
        return options(repository, "*");
    }

    /**
     * What the real command line makes of flags, with the engines of the built distribution, and
     * with metrics on a free port unless the flags say otherwise.
     *
     * @param environment variables that the process would have
     */
    public static ServerOptions commandLine(Map<String, String> environment, List<String> flags) {
        ServeCommand command = new ServeCommand();
        CommandLine line = new CommandLine(command);
        line.setAbbreviatedOptionsAllowed(true);
        line.setOverwrittenOptionsAllowed(true);
        List<String> all = new ArrayList<>(List.of("--metrics-port=0"));
        all.addAll(flags);
        line.parseArgs(all.toArray(String[]::new));
        return command.options(environment, home());
    }

    /** Serves one model of a repository, and the models that it asks. */
    public static ServerOptions options(Path repository, String model) {
        return new ServerOptions(
                TestOptions.general(),
                new ServerOptions.Repository(
                        List.of(repository.toString()),
                        ServerOptions.ControlMode.EXPLICIT,
                        List.of(model),
                        false,
                        true,
                        true,
                        Optional.empty(),
                        2,
                        0,
                        false,
                        Optional.empty(),
                        MemoryOptions.UNLIMITED),
                TestOptions.http(false, 64L << 20),
                TestOptions.grpc(0),
                new ServerOptions.SageMaker(
                        true,
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        "infer",
                        "ready",
                        Path.of("/opt/ml/models")),
                TestOptions.noVertex(),
                TestOptions.metrics(),
                TestOptions.trace(),
                new ServerOptions.Backends(
                        home().resolve("backends"), Map.of(), RepositoryAgents.DEFAULT_DIRECTORY),
                noStores(),
                ServerOptions.Instances.DEFAULT,
                noCache());
    }

    /** The same server with other settings for its engines. */
    public static ServerOptions withBackendSettings(
            ServerOptions options, Map<String, Map<String, String>> settings) {
        return new ServerOptions(
                options.general(),
                options.repository(),
                options.http(),
                options.grpc(),
                options.sagemaker(),
                options.vertex(),
                options.metrics(),
                options.trace(),
                new ServerOptions.Backends(
                        options.backends().directory(), settings, options.backends().agents()),
                options.stores(),
                options.instances(),
                options.cache());
    }

    private static ServerOptions.Cache noCache() {
        return new ServerOptions.Cache(
                home().resolve("caches"), Optional.empty(), Map.of(), Map.of());
    }

    private static ServerOptions.Stores noStores() {
        return new ServerOptions.Stores(home().resolve("stores"), CacheSettings.DEFAULT, Map.of());
    }

    /** The same server, watching its repositories so. */
    public static ServerOptions withPolling(ServerOptions options, PollOptions polling) {
        ServerOptions.Repository repository = options.repository();
        return new ServerOptions(
                options.general(),
                new ServerOptions.Repository(
                        repository.paths(),
                        repository.controlMode(),
                        repository.startupModels(),
                        repository.exitOnError(),
                        repository.strictReadiness(),
                        repository.autoComplete(),
                        repository.configName(),
                        repository.loadThreads(),
                        repository.loadRetries(),
                        repository.namespacing(),
                        Optional.of(polling),
                        repository.memory()),
                options.http(),
                options.grpc(),
                options.sagemaker(),
                options.vertex(),
                options.metrics(),
                options.trace(),
                options.backends(),
                options.stores(),
                options.instances(),
                options.cache());
    }

    /** The built distribution. */
    public static Path home() {
        String home = System.getProperty("nereid.home");
        if (home == null) {
            throw new IllegalStateException(
                    "integration tests need -Dnereid.home, the built distribution; run mvn verify");
        }
        return Path.of(home);
    }

    /** The examples that a distribution brings along. */
    public static Path examples() {
        return home().resolve("examples/repository");
    }

    /** A file or folder of the test resources. */
    public static Path resource(String name) {
        URL url = TestServers.class.getResource(name);
        if (url == null) {
            throw new IllegalStateException("no test resource " + name);
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("no file " + url, e);
        }
    }
}
