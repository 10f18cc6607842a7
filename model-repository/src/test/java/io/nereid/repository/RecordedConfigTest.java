package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.http.ModelConfigJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Configurations recorded from Triton: what the config endpoint shows, and what the log says of
 * those that it refuses. Left out is what takes an engine.
 */
class RecordedConfigTest {
    @TempDir Path repository;

    private static String resource(String name) {
        try (InputStream in = RecordedConfigTest.class.getResourceAsStream("/recorded/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A recorded case.
     *
     * @param config what the config endpoint showed, if the model was loaded
     * @param log lines of the log, if it was not
     */
    record Case(
            String name,
            boolean standardFlags,
            String text,
            List<String> versions,
            Optional<Object> config,
            List<String> log) {

        static Case of(Map<String, Object> json) {
            return new Case(
                    String.valueOf(json.get("name")),
                    List.of().equals(json.get("server_flags")),
                    String.valueOf(json.get("config_pbtxt")),
                    strings(json.getOrDefault("versions", List.of("1"))),
                    Optional.ofNullable(json.get("config")),
                    strings(json.getOrDefault("log_errors", List.of())));
        }

        private static List<String> strings(Object list) {
            return ((List<?>) list).stream().map(String::valueOf).toList();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (String line : resource("config.jsonl").lines().toList()) {
            cases.add(Case.of(Json.object(line)));
        }
        return cases.stream();
    }

    private static Case named(String name) throws IOException {
        return cases().filter(recorded -> recorded.name().equals(name)).findFirst().orElseThrow();
    }

    private void model(String name, String config, String... versions) throws IOException {
        for (String version : versions) {
            Files.createDirectories(repository.resolve(name).resolve(version));
            Files.writeString(repository.resolve(name).resolve(version).resolve("model.onnx"), "");
        }
        if (!config.equals("null")) {
            Files.writeString(repository.resolve(name).resolve("config.pbtxt"), config);
        }
    }

    private void model(Case recorded) throws IOException {
        model(recorded.name(), recorded.text(), recorded.versions().toArray(new String[0]));
    }

    private ModelRepository open() {
        return new ModelRepository(RepositoryOptions.of(List.of(repository)), new FakeLoader());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "add_sub",
                "classify",
                "ib_slow",
                "repeat",
                "seq_direct",
                "seq_oldest",
                "versions"
            })
    void showsTheCompletedConfiguration(String name) throws IOException {
        String folder = "repository/" + name;
        model(name, resource(folder + "/config.pbtxt"), "1", "2", "3", "10");
        Files.writeString(repository.resolve(name).resolve("labels.txt"), "a\nb\n");

        try (ModelRepository models = open()) {
            assertThat(models.loadAll().rows()).allMatch(row -> row.status().equals("READY"));
            assertThat(shown(models, name))
                    .isEqualTo(Json.parse(resource(folder + "/config.json")));
        }
    }

    @Test
    void showsTheCompletedConfigurationOfAnEnsemble() throws IOException {
        for (String name : List.of("ens3", "step_add", "step_mul", "step_sub")) {
            model(name, resource("repository/" + name + "/config.pbtxt"), "1");
        }

        try (ModelRepository models = open()) {
            assertThat(models.loadAll().allLoaded()).isTrue();
            assertThat(shown(models, "ens3"))
                    .isEqualTo(Json.parse(resource("repository/ens3/config.json")));
        }
    }

    private static Object shown(ModelRepository models, String name) throws IOException {
        return Json.parse(
                ModelConfigJson.writeText(
                        models.model(name, OptionalLong.empty()).config().message()));
    }

    /** Cases with a complete configuration, to which no engine adds anything. */
    static Stream<Case> complete() throws IOException {
        return cases().filter(recorded -> recorded.standardFlags() && recorded.config().isPresent())
                .filter(recorded -> writesInputAndOutput(recorded.text()));
    }

    private static boolean writesInputAndOutput(String text) {
        return text.contains("input ") && text.contains("output ") && !text.contains("ensemble");
    }

    @ParameterizedTest
    @MethodSource("complete")
    void showsTheConfigurationOfEveryCompleteCase(Case recorded) throws IOException {
        model(recorded);

        try (ModelRepository models = open()) {
            models.loadAll();
            assertThat(Optional.of(shown(models, recorded.name()))).isEqualTo(recorded.config());
        }
    }

    /** Cases that Triton refuses before an engine sees them. */
    static Stream<Case> refused() throws IOException {
        return cases().filter(recorded -> recorded.log().size() == 1)
                .filter(recorded -> recorded.log().getFirst().startsWith("Poll failed"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWithTheSameReason(Case recorded) throws IOException {
        model(recorded);
        String reason = after("': ", recorded.log().getFirst());

        try (ModelRepository models = open()) {
            LoadSummary summary = models.loadAll();

            assertThat(summary.allLoaded()).isFalse();
            assertThat(summary.rows())
                    .singleElement()
                    .satisfies(row -> assertThat(row.status()).startsWith("Not loaded: " + reason));
            assertThat(models.index())
                    .containsExactly(
                            new IndexEntry(
                                    recorded.name(), OptionalLong.empty(), Optional.empty(), ""));
            assertThat(models.allReady()).isTrue();
        }
    }

    private String after(String mark, String line) {
        return line.substring(line.indexOf(mark) + mark.length())
                .replace("$REPO", repository.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bad_instance_cpu_gpus",
                "bad_instance_gpu",
                "bad_dim_neg",
                "bad_reshape_size",
                "bad_reshape_empty_dims",
                "bad_label_escape",
                "ac_input_name_only",
                "ac_input_no_dims"
            })
    void failsWhileLoadingWithTheSameReason(String name) throws IOException {
        Case recorded = named(name);
        model(recorded);
        if (name.equals("bad_label_escape")) {
            model("ok_explicit", "backend: 'identity'", "1");
        }
        String reason = after("version 1: ", recorded.log().getLast());

        try (ModelRepository models = open()) {
            models.loadAll();

            assertThat(models.index())
                    .contains(
                            new IndexEntry(
                                    name,
                                    OptionalLong.of(1),
                                    Optional.of(VersionState.UNAVAILABLE),
                                    reason));
            assertThat(models.allReady()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ac_version_nonnumeric", "ac_version_leading0"})
    void knowsAModelWithoutVersionsButDoesNotListIt(String name) throws IOException {
        model(named(name));

        try (ModelRepository models = open()) {
            assertThat(models.loadAll().rows())
                    .containsExactly(
                            new LoadSummary.Row(
                                    name, "-", "Not loaded: No model version was found"));
            assertThat(models.index()).isEmpty();
            assertThat(models.allReady()).isFalse();
        }
    }
}
