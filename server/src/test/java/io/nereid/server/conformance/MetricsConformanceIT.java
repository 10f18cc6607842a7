package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nereid.server.main.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The real server's metrics before and after recorded requests are those of the reference. */
final class MetricsConformanceIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Longest time in which a model that was unloaded must have gone. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir private Path scratch;

    @TestFactory
    Stream<DynamicContainer> measuresAsRecorded() throws IOException {
        List<JsonNode> recordings = new ArrayList<>();
        for (String line : Files.readAllLines(TestServers.resource("/conformance/metrics.jsonl"))) {
            recordings.add(JSON.readTree(line));
        }
        return recordings.stream()
                .map(recorded ->
                        Replay.container("metrics", name(recorded), () -> replay(recorded)));
    }

    private static String name(JsonNode recorded) {
        return recorded.get("name").asText();
    }

    private Replay.Results replay(JsonNode recorded) throws IOException {
        Replay.Results results = new Replay.Results();
        try (GoldenServer server = GoldenServer.start(recorded, "repository", scratch)) {
            int port = server.port("metrics");
            results.add("page before", page(port, recorded.get("before")));
            for (JsonNode request : recorded.get("requests")) {
                int status = send(server.port(""), request).status();
                results.add(
                        request.get("path").asText(),
                        difference(request.get("status").asInt(), status));
            }
            results.add("page after", awaitPage(port, recorded.get("after")));
            results.add("another method", other(port, "POST", "/metrics", recorded.get("post")));
            results.add("another path", other(port, "GET", "/", recorded.get("other_path")));
        }
        return results;
    }

    /** A model that is unloaded goes when its last request has been answered. */
    private static Optional<String> awaitPage(int port, JsonNode recorded) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        Optional<String> difference = page(port, recorded);
        while (difference.isPresent() && System.nanoTime() < end) {
            difference = page(port, recorded);
        }
        return difference;
    }

    private static Optional<String> page(int port, JsonNode recorded) throws IOException {
        Exchange.Reply reply = send(port, request("GET", "/metrics"));
        return header(recorded, reply)
                .or(() ->
                        new MetricsText(text(reply))
                                .difference(new MetricsText(recorded.get("text").asText())));
    }

    /** Errors say that they are JSON (docs/differences.md). */
    private static Optional<String> other(int port, String method, String path, JsonNode recorded)
            throws IOException {
        Exchange.Reply reply = send(port, request(method, path));
        return difference(recorded.get("status").asInt(), reply.status())
                .or(() -> difference(recorded.get("body").asText(), text(reply)))
                .or(() -> reply.status() == 200 ? header(recorded, reply) : Optional.empty());
    }

    private static Optional<String> header(JsonNode recorded, Exchange.Reply reply) {
        return difference(
                recorded.get("headers").get("Content-Type").asText(),
                reply.headers().getOrDefault("content-type", ""));
    }

    private static Optional<String> difference(Object expected, Object found) {
        return found.equals(expected)
                ? Optional.empty()
                : Optional.of(found + ", expected " + expected);
    }

    private static String text(Exchange.Reply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    private static JsonNode request(String method, String path) {
        return JSON.valueToTree(Map.of("method", method, "path", path, "headers", Map.of()));
    }

    private static Exchange.Reply send(int port, JsonNode request) throws IOException {
        ObjectNode golden = JSON.createObjectNode();
        golden.set("request", request);
        return Exchange.send(port, GoldenCase.of(golden));
    }
}
