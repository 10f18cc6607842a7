package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Several requests at recorded times: limits of queues, and requests that wait too long. */
final class ScenarioIT {
    private static final String KEY = "queue";

    /** How much later than recorded an answer may come on a busy machine. */
    private static final int MOST_LATE_MILLIS = 1000;

    @TempDir private Path scratch;

    /** An answer and how long it took. */
    private record Timed(Exchange.Reply reply, long millis) {}

    @TestFactory
    Stream<DynamicContainer> answersAsRecorded() {
        return Stream.of(Replay.container("scenario", KEY, this::replay));
    }

    private Replay.Results replay() throws IOException {
        Replay.Results results = new Replay.Results();
        try (GoldenServer server = GoldenServer.start(KEY, scratch);
                ScheduledExecutorService clients = Executors.newScheduledThreadPool(8)) {
            for (JsonNode scenario : Recording.of("scenarios.jsonl", KEY, server.places())) {
                results.add(
                        scenario.get("name").asText(), play(scenario, server.port(""), clients));
            }
        }
        return results;
    }

    private static Optional<String> play(
            JsonNode scenario, int port, ScheduledExecutorService clients) {
        List<JsonNode> requests = new ArrayList<>();
        List<ScheduledFuture<Timed>> answers = new ArrayList<>();
        for (JsonNode request : scenario.get("requests")) {
            requests.add(request);
            answers.add(
                    clients.schedule(
                            () -> send(port, request),
                            request.get("at_ms").asLong(),
                            TimeUnit.MILLISECONDS));
        }
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            try {
                int number = i;
                difference(requests.get(i), answers.get(i).get())
                        .ifPresent(text -> differences.add("request " + number + ": " + text));
            } catch (ExecutionException | IOException e) {
                differences.add("request " + i + ": no answer: " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                differences.add("interrupted");
            }
        }
        return differences.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join("\n", differences));
    }

    private static Timed send(int port, JsonNode request) throws IOException {
        long start = System.nanoTime();
        Exchange.Reply reply = Exchange.send(port, asCase(request));
        return new Timed(reply, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    private static Optional<String> difference(JsonNode request, Timed answer) throws IOException {
        long latest = request.get("response").get("latency_ms").asLong() + MOST_LATE_MILLIS;
        Optional<String> difference = Comparison.difference(asCase(request), answer.reply());
        if (difference.isPresent() || answer.millis() <= latest) {
            return difference;
        }
        return Optional.of("after " + answer.millis() + " ms, expected " + latest + " at most");
    }

    /** One request of a scenario in the form of a case of its own. */
    private static GoldenCase asCase(JsonNode request) {
        ObjectNode golden = request.deepCopy();
        golden.set("request", request);
        golden.put("name", "");
        golden.put("compare", "json");
        return GoldenCase.of(golden);
    }
}
