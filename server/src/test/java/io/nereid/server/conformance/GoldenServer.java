package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.server.main.NereidServer;
import io.nereid.server.main.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The real server, started with the flags and the environment that {@code servers.json} gives for a
 * key, read by the real command line, on free ports of loopback; and what the recorded requests
 * expect to find around it.
 */
final class GoldenServer implements AutoCloseable {
    private static final List<String> ON_FREE_PORTS =
            List.of(
                    "--http-address=127.0.0.1",
                    "--http-port=0",
                    "--grpc-address=127.0.0.1",
                    "--grpc-port=0");

    private final Surroundings surroundings;
    private final NereidServer server;

    private GoldenServer(Surroundings surroundings, NereidServer server) {
        this.surroundings = surroundings;
        this.server = server;
    }

    /**
     * Starts the server of a key.
     *
     * @param scratch an empty folder for what requests and server need
     */
    static GoldenServer start(String key, Path scratch) throws IOException {
        JsonNode settings =
                new ObjectMapper()
                        .readTree(TestServers.resource("/conformance/servers.json").toFile())
                        .get(key);
        return start(settings, settings.get("repository").asText(), scratch);
    }

    /**
     * Starts a server.
     *
     * @param settings its {@code flags} and, if it has one, its {@code env}
     * @param folder name of its repository
     */
    static GoldenServer start(JsonNode settings, String folder, Path scratch) throws IOException {
        Path repository = TestServers.resource("/conformance/" + folder);
        Surroundings surroundings = Surroundings.make(repository, scratch);
        boolean started = false;
        try {
            NereidServer server =
                    NereidServer.start(
                            TestServers.commandLine(
                                    environment(settings),
                                    flags(settings, repository, surroundings.places())));
            started = true;
            return new GoldenServer(surroundings, server);
        } finally {
            if (!started) {
                surroundings.close();
            }
        }
    }

    /** Paths and names that recordings leave open. */
    Places places() {
        return surroundings.places();
    }

    /** The port that a recorded request goes to. */
    int port(String endpoint) {
        return switch (endpoint) {
            case "" -> server.httpPort();
            case "sagemaker" -> server.sagemakerPort();
            case "vertex" -> server.vertexPort();
            case "metrics" -> server.metricsPort();
            default -> throw new IllegalArgumentException("no endpoint " + endpoint);
        };
    }

    int grpcPort() {
        return server.grpcPort();
    }

    @Override
    public void close() throws IOException {
        try {
            server.close();
        } finally {
            surroundings.close();
        }
    }

    private static List<String> flags(JsonNode settings, Path repository, Places places) {
        List<String> flags = new ArrayList<>(ON_FREE_PORTS);
        flags.add("--model-repository=" + repository);
        settings.get("flags").forEach(flag -> flags.add(places.putInto(flag.asText())));
        return flags;
    }

    private static Map<String, String> environment(JsonNode settings) {
        Map<String, String> environment = new TreeMap<>();
        settings.path("env")
                .properties()
                .forEach(entry -> environment.put(entry.getKey(), entry.getValue().asText()));
        return environment;
    }
}
