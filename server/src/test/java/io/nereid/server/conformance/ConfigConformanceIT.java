package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nereid.server.main.NereidServer;
import io.nereid.server.main.TestServers;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Configurations, completed and refused as the reference did: what a load answers, and what
 * configuration and metadata a model has then. With the real engines.
 */
final class ConfigConformanceIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RECORDING = "/recorded/config.jsonl";
    private static final String MODELS = "/conformance/config_models/";

    /** Its recording has a file that is no model. */
    private static final String BROKEN_FILE = "bad_model_file";

    @TempDir private Path scratch;

    @TestFactory
    Stream<DynamicContainer> loadsAsRecorded() throws IOException {
        Map<List<String>, List<JsonNode>> byFlags = new LinkedHashMap<>();
        for (JsonNode recorded : recording()) {
            List<String> flags = texts(recorded.get("server_flags"));
            byFlags.computeIfAbsent(flags, _ -> new ArrayList<>()).add(recorded);
        }
        return byFlags.entrySet().stream()
                .map(group ->
                        Replay.container(
                                "configurations",
                                String.join(" ", group.getKey()),
                                () -> replay(group.getKey(), group.getValue())));
    }

    private static List<JsonNode> recording() throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        try (InputStream in = ConfigConformanceIT.class.getResourceAsStream(RECORDING)) {
            if (in == null) {
                throw new IOException("no " + RECORDING);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.lines().toList()) {
                cases.add(JSON.readTree(line));
            }
        }
        return cases;
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
    }

    private Replay.Results replay(List<String> flags, List<JsonNode> cases) throws IOException {
        Path repository = Files.createTempDirectory(scratch, "models").toRealPath();
        for (JsonNode recorded : cases) {
            place(repository, recorded);
        }
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--http-address=127.0.0.1",
                                "--http-port=0",
                                "--allow-grpc=false",
                                "--model-control-mode=explicit",
                                "--model-repository=" + repository));
        all.addAll(flags);
        Replay.Results results = new Replay.Results();
        try (NereidServer server = NereidServer.start(TestServers.commandLine(Map.of(), all));
                HttpClient client = HttpClient.newHttpClient()) {
            Answers answers = new Answers(client, server.httpPort(), repository);
            for (JsonNode recorded : cases) {
                results.add(recorded.get("name").asText(), answers.difference(recorded));
            }
        }
        return results;
    }

    private static void place(Path repository, JsonNode recorded) throws IOException {
        String name = recorded.get("name").asText();
        Path model = Files.createDirectories(repository.resolve(name));
        if (!recorded.get("config_pbtxt").isNull()) {
            Files.writeString(model.resolve("config.pbtxt"), recorded.get("config_pbtxt").asText());
        }
        List<String> versions =
                recorded.has("versions") ? texts(recorded.get("versions")) : List.of("1");
        for (String version : versions) {
            Path directory = Files.createDirectories(model.resolve(version));
            Path file = directory.resolve(recorded.path("fname").asText("model.onnx"));
            if (name.equals(BROKEN_FILE)) {
                Files.writeString(file, "this is no model");
            } else if (!recorded.get("onnx_model").isNull()) {
                String source = MODELS + recorded.get("onnx_model").asText() + ".onnx";
                Files.copy(TestServers.resource(source), file);
            }
        }
    }

    /** Asks a server for what was recorded. */
    private record Answers(HttpClient client, int port, Path repository) {
        Optional<String> difference(JsonNode recorded) throws IOException {
            String name = recorded.get("name").asText();
            JsonNode expected = recorded.get("load");
            HttpResponse<String> load =
                    send(
                            request("/v2/repository/models/" + name + "/load")
                                    .POST(HttpRequest.BodyPublishers.ofString("{}")));
            String text = expected.get("body").asText().replace("$REPO", repository.toString());
            String right = Differences.configLoad(name).orElse(text);
            if (load.statusCode() != expected.get("status").asInt() || !load.body().equals(right)) {
                return Optional.of(
                        "load "
                                + load.statusCode()
                                + " "
                                + load.body()
                                + ", expected "
                                + expected.get("status")
                                + " "
                                + right);
            }
            Optional<String> config = difference(recorded, "config", "/config");
            return config.isPresent() ? config : difference(recorded, "metadata", "");
        }

        private Optional<String> difference(JsonNode recorded, String part, String path)
                throws IOException {
            if (!recorded.has(part)) {
                return Optional.empty();
            }
            String name = recorded.get("name").asText();
            JsonNode found = JSON.readTree(send(request("/v2/models/" + name + path).GET()).body());
            boolean anyOrder = recorded.has("order_insensitive");
            JsonNode expected = recorded.get(part);
            return sorted(found, anyOrder).equals(sorted(expected, anyOrder))
                    ? Optional.empty()
                    : Optional.of(part + " " + found + ", expected " + expected);
        }

        /** Inputs and outputs by name where the reference has them in the order of a hash table. */
        private static JsonNode sorted(JsonNode object, boolean anyOrder) {
            if (!anyOrder) {
                return object;
            }
            ObjectNode sorted = object.deepCopy();
            for (String list : List.of("input", "output", "inputs", "outputs")) {
                if (sorted.get(list) instanceof ArrayNode tensors) {
                    List<JsonNode> byName = new ArrayList<>();
                    tensors.forEach(byName::add);
                    byName.sort(Comparator.comparing(tensor -> tensor.get("name").asText()));
                    sorted.set(list, JSON.createArrayNode().addAll(byName));
                }
            }
            return sorted;
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        }

        private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
            try {
                return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }
}
