package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A good model among all that may be wrong with a repository: it answers, and each of the others is
 * refused with one reason, as often as it is asked for.
 */
final class HostileRepositoryIT {
    private static final int LOADS = 20;
    private static final int SETTLED = 8;
    private static final byte[] REQUEST =
            TestClient.fp32Request("x", new int[] {1, 2}, new float[] {0.5f, 0.25f})
                    .getBytes(StandardCharsets.UTF_8);

    @TempDir private Path repository;

    @Test
    void refusesEachBadModelWithOneReasonAndServesTheGoodOne() throws Exception {
        TinyOnnx.place(repository.resolve("good"), 1, 0);
        HostileModels hostile = new HostileModels(repository);
        hostile.writeAll();
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try (ServerProcess server =
                        ServerProcess.start(
                                repository,
                                log,
                                "--model-control-mode=explicit",
                                "--load-model=*",
                                "--exit-on-error=false");
                TestClient client = new TestClient(server.port())) {
            requireInIndex(hostile, index(client));
            requireInLog(hostile, log.toString(StandardCharsets.UTF_8).lines().toList());
            requireGood(client);
            loadAgainAndAgain(hostile, server, client);
            assertThat(server.isAlive()).isTrue();
        }
    }

    private static void requireInIndex(HostileModels hostile, Map<String, List<JsonNode>> index) {
        Set<String> listed = new TreeSet<>(hostile.reasons().keySet());
        listed.addAll(hostile.unpolled().keySet());
        listed.add("good");
        assertThat(index.keySet()).isEqualTo(listed);
        assertThat(index.values()).allSatisfy(entries -> assertThat(entries).hasSize(1));
        hostile.reasons()
                .forEach((model, reason) -> {
                    JsonNode entry = index.getOrDefault(model, List.of()).getFirst();
                    assertThat(entry.path("state").asText()).as(model).isEqualTo("UNAVAILABLE");
                    assertThat(entry.path("reason").asText()).as(model).containsPattern(reason);
                });
        hostile.unpolled()
                .keySet()
                .forEach(model ->
                        assertThat(index.getOrDefault(model, List.of()).getFirst().has("state"))
                                .as(model)
                                .isFalse());
    }

    private static void requireInLog(HostileModels hostile, List<String> log) {
        hostile.reasons()
                .forEach((model, reason) ->
                        requireOneLine(log, "failed to load '" + model + "' version 1: ", reason));
        hostile.unpolled()
                .forEach((model, reason) ->
                        requireOneLine(
                                log,
                                "Poll failed for model directory '"
                                        + model.replace("\n", "\\n")
                                        + "': ",
                                reason));
        for (String model : hostile.withoutVersions()) {
            requireOneLine(
                    log,
                    "failed to load model '" + model + "': ",
                    "at least one version must be available");
        }
    }

    private static void requireOneLine(List<String> log, String start, String reason) {
        assertThat(log)
                .filteredOn(line -> line.contains(start))
                .as(start)
                .singleElement(InstanceOfAssertFactories.STRING)
                .containsPattern(reason);
    }

    /** Nothing may be left behind by a load that fails. */
    private static void loadAgainAndAgain(
            HostileModels hostile, ServerProcess server, TestClient client) throws Exception {
        long[] resident = new long[LOADS];
        int[] open = new int[LOADS];
        for (int i = 0; i < LOADS; i++) {
            for (String model : hostile.names().toList()) {
                String path = "/v2/repository/models/" + encoded(model);
                assertThat(client.post(path + "/load", "{}").statusCode()).as(model).isIn(400, 500);
                assertThat(client.post(path + "/unload", "{}").statusCode())
                        .as(model)
                        .isEqualTo(200);
            }
            requireGood(client);
            resident[i] = server.resident();
            open[i] = server.openFiles();
        }
        assertThat(open[LOADS - 1]).isLessThanOrEqualTo(open[SETTLED]);
        assertThat(resident[LOADS - 1])
                .isLessThanOrEqualTo(resident[SETTLED] + resident[SETTLED] / 20);
    }

    private static String encoded(String model) {
        return URLEncoder.encode(model, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static void requireGood(TestClient client) throws Exception {
        assertThat(TestClient.jsonOutput(client.infer("/v2/models/good/infer", REQUEST)))
                .containsExactly(1.5f, 1.25f);
    }

    private static Map<String, List<JsonNode>> index(TestClient client)
            throws IOException, InterruptedException {
        Map<String, List<JsonNode>> entries = new TreeMap<>();
        byte[] index = client.post("/v2/repository/index", "").body();
        for (JsonNode entry : new ObjectMapper().readTree(index)) {
            entries.computeIfAbsent(entry.get("name").asText(), _ -> new ArrayList<>()).add(entry);
        }
        return entries;
    }
}
