package io.nereid.repository;

import static io.nereid.repository.TestModels.PLAIN;
import static io.nereid.repository.TestModels.ensemble;
import static io.nereid.repository.TestModels.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.backend.Backend;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.store.ModelStores;
import io.nereid.repository.validation.Finding;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.TextPosition;
import io.nereid.repository.validation.ValidationReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryValidatorTest {
    @TempDir Path root;

    private final OpeningBackend engine = new OpeningBackend();
    private final List<String> comparedEnsembles = new ArrayList<>();

    private ValidationReport validate() {
        return new RepositoryValidator(
                        RepositoryOptions.of(List.of(root)),
                        ModelStores.none(),
                        this::engine,
                        this::compare)
                .validate();
    }

    private Backend engine(String name) {
        if (name.equals("absent")) {
            throw new InvalidConfigException("backend", "no backend 'absent'");
        }
        return engine;
    }

    private void compare(
            ModelConfig ensemble,
            BiFunction<String, OptionalLong, Optional<ModelConfig>> members,
            Consumer<StatusException> breaches) {
        comparedEnsembles.add(
                ensemble.name() + ":" + members.apply("m", OptionalLong.empty()).isPresent());
    }

    private Finding only() {
        List<Finding> findings = validate().findings();
        assertThat(findings).hasSize(1);
        return findings.getFirst();
    }

    private static String line(Finding finding) {
        return finding.model() + " " + finding.kind().id() + " " + finding.field();
    }

    private List<String> lines() {
        return validate().findings().stream().map(RepositoryValidatorTest::line).toList();
    }

    @Test
    void saysNothingOfGoodModelsAndOpensEachVersionOnce() {
        write(root, "m", PLAIN + "version_policy { all { } }", 1, 2);
        write(root, "e", ensemble("m"), 1);

        ValidationReport report = validate();

        assertThat(report.findings()).isEmpty();
        assertThat(report.models()).isEqualTo(2);
        assertThat(report.versions()).isEqualTo(3);
        assertThat(engine.opened()).containsExactly("m:1", "m:2");
        assertThat(engine.open()).isZero();
        assertThat(comparedEnsembles).containsExactly("e:true");
    }

    @Test
    void goesOnAfterBrokenModels() {
        write(root, "a", "imput { }", 1);
        write(root, "b", "backend: 'absent'" + TestModels.IO, 1);
        write(root, "c", PLAIN, 1);
        engine.refuse("c", () -> new IllegalStateException("lost its way"));
        write(root, "d", PLAIN);
        write(root, "e", ensemble("b"), 1);
        write(root, "m", PLAIN, 1);

        assertThat(lines())
                .containsExactly(
                        "a syntax imput",
                        "b engine backend",
                        "c internal ",
                        "d version version_policy",
                        "e ensemble ensemble_scheduling.step[0].model_name");
        assertThat(validate().versions()).isEqualTo(1);
    }

    @Test
    void reportsEveryRuleThatAConfigurationBreaks() {
        write(
                root,
                "m",
                """
                name: 'n'
                backend: 'b'
                max_batch_size: 4
                input [ { name: 'x' dims: [ 0 ] }, { data_type: TYPE_FP32 dims: 1 } ]
                output { name: 'y' data_type: TYPE_FP32 dims: 3 }
                dynamic_batching { preferred_batch_size: [ 8, 0 ] priority_levels: 2 }
                """,
                1);

        assertThat(validate().findings())
                .extracting(finding -> finding.place() + " " + finding.field())
                .containsExactly(
                        at("1:1", "name"),
                        at("4:9", "input[0].data_type"),
                        at("4:29", "input[0].dims[0]"),
                        at("4:36", "input[1]"),
                        at("6:1", "dynamic_batching.default_priority_level"),
                        at("6:44", "dynamic_batching.preferred_batch_size[0]"),
                        at("6:47", "dynamic_batching.preferred_batch_size[1]"));
    }

    private String at(String position, String field) {
        return root + "/m/config.pbtxt:" + position + " " + field;
    }

    @Test
    void keepsTheLoadersTextAndAddsWhatToDo() {
        write(root, "m", "backend: 'b' max_batch_size: -1" + TestModels.IO, 1);

        Finding finding = only();

        assertThat(finding.message())
                .isEqualTo("'max_batch_size' must be non-negative value for m");
        assertThat(finding.position()).contains(new TextPosition(1, 14));
        assertThat(finding.advice().found()).isEqualTo("-1");
        assertThat(finding.advice().fix()).isNotEmpty();
        assertThat(finding.isError()).isTrue();
    }

    @Test
    void anEngineTellsFilesFromConfigurations() {
        write(root, "a", PLAIN, 1);
        write(root, "b", PLAIN, 1);
        engine.refuse("a", () -> new StatusException(StatusCode.INTERNAL, "no such file"));
        engine.refuse("b", () -> new InvalidConfigException("input[0].data_type", "other type"));

        assertThat(lines()).containsExactly("a file ", "b mismatch input[0].data_type");
    }

    @Test
    void warnsOfWhatIsNeverRead() throws IOException {
        write(root, "m", PLAIN, 1);
        Files.createDirectories(root.resolve("m/v2"));
        Files.createDirectories(root.resolve("m/003"));
        Files.createFile(root.resolve("m/model.onnx"));
        Files.createFile(root.resolve("m/1/config.pbtxt"));
        Files.createFile(root.resolve("other.onnx"));
        Files.createSymbolicLink(root.resolve("m/loop"), root.resolve("m/loop"));

        ValidationReport report = validate();

        assertThat(report.errors()).isZero();
        assertThat(report.findings())
                .extracting(Finding::place)
                .containsExactly(
                        root + "/other.onnx",
                        root + "/m/003",
                        root + "/m/1/config.pbtxt",
                        root + "/m/loop",
                        root + "/m/model.onnx",
                        root + "/m/v2");
        assertThat(report.findings().getLast().advice().fix()).isEqualTo("rename it to 2");
    }

    @Test
    void recognisesARepositoryInARepository() {
        write(root.resolve("models"), "m", PLAIN, 1);

        assertThat(validate().findings())
                .extracting(Finding::kind)
                .contains(FindingKind.BACKEND, FindingKind.LAYOUT);
        assertThat(validate().findings().getLast().advice().fix())
                .isEqualTo("serve " + root.resolve("models") + " instead");
    }

    @Test
    void saysThatThereIsNoModel() {
        assertThat(only().message()).isEqualTo("no model found in '" + root + "'");
    }

    @Test
    void needsAPath() {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() ->
                        new RepositoryValidator(
                                RepositoryOptions.of(List.of(root.resolve("none"))),
                                ModelStores.none(),
                                this::engine,
                                this::compare))
                .withMessage("failed to stat file " + root.resolve("none"));
    }

    @Test
    void findsEnsemblesInACircle() {
        write(root, "a", ensemble("b"), 1);
        write(root, "b", ensemble("a"), 1);

        assertThat(validate().findings())
                .extracting(Finding::message)
                .anyMatch(text -> text.startsWith("circular dependency between ensembles"));
    }

    private void config(byte[] bytes) throws IOException {
        Files.createDirectories(root.resolve("m/1"));
        Files.write(root.resolve("m/config.pbtxt"), bytes);
    }

    @Test
    void survivesBinaryGarbage() throws IOException {
        byte[] garbage = new byte[100_000];
        new Random(7).nextBytes(garbage);
        config(garbage);

        assertThat(only().detail()).isEqualTo("the file is not valid UTF-8");
    }

    @Test
    void survivesControlCharacters() throws IOException {
        config("name: 'm'\n\u0000\u0001\u001b[31m".getBytes(StandardCharsets.UTF_8));

        assertThat(only().kind()).isEqualTo(FindingKind.SYNTAX);
        assertThat(only().position().map(TextPosition::line)).contains(2);
    }

    @Test
    void survivesDeepNesting() throws IOException {
        config("a { ".repeat(1_000_000).getBytes(StandardCharsets.UTF_8));

        assertThat(validate().findings().getLast().detail())
                .isEqualTo("blocks are nested more than 64 deep");
    }

    @Test
    void survivesLargeConfigurations() throws IOException {
        String comment = "# nothing to see here\n".repeat(500_000);
        config((comment + PLAIN).getBytes(StandardCharsets.UTF_8));
        assertThat(only().message()).contains("10 MiB");

        config((PLAIN + "input { ".repeat(20) + comment).getBytes(StandardCharsets.UTF_8));
        assertThat(validate().findings()).extracting(Finding::kind).contains(FindingKind.SYNTAX);
    }

    @Test
    void survivesADirectoryInPlaceOfAConfiguration() throws IOException {
        Files.createDirectories(root.resolve("m/config.pbtxt"));
        Files.createDirectories(root.resolve("m/1"));

        assertThat(validate().findings().getFirst().message())
                .startsWith("failed to open text file for read " + root + "/m/config.pbtxt: ");
    }

    @Test
    void survivesAFileThatCannotBeRead() throws IOException {
        Files.createDirectories(root.resolve("m/1"));
        // Reading the beginning of a process's memory fails for every user.
        Files.createSymbolicLink(root.resolve("m/config.pbtxt"), Path.of("/proc/self/mem"));

        assertThat(only().message())
                .startsWith("failed to open text file for read " + root + "/m/config.pbtxt: ");
    }

    @Test
    void survivesLinksThatLeadInACircle() throws IOException {
        write(root, "m", PLAIN, 1);
        Files.createSymbolicLink(root.resolve("again"), root);
        Files.createSymbolicLink(root.resolve("m/1/up"), root.resolve("m"));
        Files.createSymbolicLink(root.resolve("loop"), root.resolve("loop"));

        assertThat(validate().findings())
                .extracting(Finding::place)
                .contains(root + "/again", root + "/loop");
        assertThat(validate().versions()).isEqualTo(1);
    }
}
