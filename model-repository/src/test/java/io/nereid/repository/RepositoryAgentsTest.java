package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.store.ModelStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryAgentsTest {
    @TempDir Path root;

    private final FakeLoader loader = new FakeLoader();
    private final List<String> told = RecordingAgent.noted();

    private ModelRepository repository(String... agents) {
        RepositoryOptions options =
                new RepositoryOptions(
                        List.of(root.toString()),
                        StartupModels.explicit(List.of("*")),
                        true,
                        true,
                        Optional.empty(),
                        2,
                        0,
                        GpuInventory.NONE,
                        false,
                        Optional.empty());
        return new ModelRepository(
                options,
                loader,
                ModelStores.none(),
                new RepositoryAgents(Path.of("/agents"), RecordingAgent.of(told, agents)));
    }

    private static String agents(String... agents) {
        return "model_repository_agents { "
                + String.join(" ", List.of(agents).stream().map(RepositoryAgentsTest::one).toList())
                + " } ";
    }

    private static String one(String agent) {
        return "agents { " + agent + " }";
    }

    private static String parameter(String key, String value) {
        return " parameters { key: '" + key + "' value: '" + value + "' }";
    }

    private void model(String config) {
        TestModels.write(root, "m", PLAIN + config, 1);
    }

    @Test
    void tellsAgentsInOrderAndWhenAllIsDoneInReverse() {
        model(agents("name: 'a'", "name: 'b'"));
        try (ModelRepository repository = repository("a", "b")) {
            repository.loadAll();
            assertThat(told)
                    .containsExactly("a LOAD m", "b LOAD m", "b LOAD_COMPLETE", "a LOAD_COMPLETE");
            told.clear();

            repository.unload("m", false);
            repository.awaitUnloaded("m");
        }
        assertThat(told)
                .containsExactly("a UNLOAD", "b UNLOAD", "b UNLOAD_COMPLETE", "a UNLOAD_COMPLETE");
    }

    @Test
    void tellsAgentsWhenTheServerEnds() {
        model(agents("name: 'a'"));
        try (ModelRepository repository = repository("a")) {
            repository.loadAll();
        }
        assertThat(told)
                .containsExactly("a LOAD m", "a LOAD_COMPLETE", "a UNLOAD", "a UNLOAD_COMPLETE");
    }

    @Test
    void tellsEarlierAgentsThatALaterOneRefuses() {
        model(agents("name: 'a'", "name: 'b'" + parameter("refuse", "not today")));
        try (ModelRepository repository = repository("a", "b")) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(new LoadSummary.Row("m", "-", "Not loaded: not today"));
        }
        assertThat(told).containsExactly("a LOAD m", "b LOAD m", "a LOAD_FAIL");
    }

    @Test
    void tellsAgentsThatAnEngineRefuses() {
        model(agents("name: 'a'", "name: 'b'"));
        loader.onLoad(
                "m",
                (_, _) -> {
                    throw StatusException.invalidArgument("broken");
                });
        try (ModelRepository repository = repository("a", "b")) {
            repository.loadAll();
            assertThat(told).containsExactly("a LOAD m", "b LOAD m", "b LOAD_FAIL", "a LOAD_FAIL");
        }
        assertThat(told).hasSize(4);
    }

    @Test
    void readsTheModelFromWhereAnAgentHasIt() throws IOException {
        Path elsewhere = Files.createTempDirectory("agent");
        Files.createDirectory(elsewhere.resolve("3"));
        model(agents("name: 'a'" + parameter("move", elsewhere.toString()), "name: 'b'"));
        try (ModelRepository repository = repository("a", "b")) {
            repository.loadAll();

            assertThat(told).startsWith("a LOAD m", "b LOAD " + elsewhere.getFileName());
            assertThat(loader.files("m:3").modelDirectory()).isEqualTo(elsewhere);
            assertThat(repository.readyVersions("m")).containsExactly(3L);
        } finally {
            Files.delete(elsewhere.resolve("3"));
            Files.delete(elsewhere);
        }
    }

    @Test
    void attendsTheNextLoadBeforeTheLastOneEnds() {
        model(agents("name: 'a'"));
        try (ModelRepository repository = repository("a")) {
            repository.loadAll();
            told.clear();
            TestModels.change(root, "m", PLAIN + agents("name: 'a'") + "max_batch_size: 2");

            TestModels.load(repository, "m");
        }
        // The last one may end at any time after it has left service.
        assertThat(told)
                .containsExactlyInAnyOrder(
                        "a LOAD m",
                        "a LOAD_COMPLETE",
                        "a UNLOAD",
                        "a UNLOAD_COMPLETE",
                        "a UNLOAD",
                        "a UNLOAD_COMPLETE")
                .startsWith("a LOAD m")
                .endsWith("a UNLOAD_COMPLETE");
        assertThat(told.subList(0, 4)).contains("a LOAD_COMPLETE", "a UNLOAD");
    }

    @Test
    void keepsAModelWhoseNextLoadIsRefused() {
        model(agents("name: 'a'"));
        try (ModelRepository repository = repository("a")) {
            repository.loadAll();
            told.clear();
            TestModels.change(
                    root, "m", PLAIN + agents("name: 'a'" + parameter("refuse", "no")) + " ");

            TestModels.assertRefused(
                    () -> TestModels.load(repository, "m"),
                    StatusCode.INTERNAL,
                    "failed to load 'm', failed to poll from model repository");
            assertThat(told).containsExactly("a LOAD m");
            assertThat(repository.readyVersions("m")).containsExactly(1L);
        }
    }

    @Test
    void saysWhereItHasLookedForAnAgent() {
        model(agents("name: 'other'"));
        try (ModelRepository repository = repository()) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(
                            new LoadSummary.Row(
                                    "m",
                                    "-",
                                    "Not loaded: unable to find 'libtritonrepoagent_other.so' for"
                                            + " repo agent 'other', searched: /agents/other"));
        }
    }

    @Test
    void tellsNobodyTheChecksumOfAFileElsewhere() {
        model(agents("name: 'checksum'" + parameter("MD5:../../etc/passwd", "0")));
        try (ModelRepository repository = repository()) {
            assertThat(repository.loadAll().rows())
                    .containsExactly(
                            new LoadSummary.Row(
                                    "m",
                                    "-",
                                    "Not loaded: file '../../etc/passwd' of a checksum is outside"
                                            + " model directory"));
        }
    }
}
