package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code nereid validate} with the engines of the built distribution. */
final class ValidateCommandIT {
    @TempDir private Path repository;

    private record Run(int status, String printed, String trouble) {}

    private static Run run(String... args) {
        ValidateCommand command = new ValidateCommand();
        CommandLine line = new CommandLine(command);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.parseArgs(args);
        StringWriter printed = new StringWriter();
        StringWriter trouble = new StringWriter();
        int status =
                command.run(
                        Map.of(),
                        TestServers.home(),
                        new PrintWriter(printed),
                        new PrintWriter(trouble));
        return new Run(status, printed.toString(), trouble.toString());
    }

    @Test
    void findsNothingWrongWithTheExamples() {
        Run run = run(TestServers.examples().toString());

        assertThat(run.printed()).endsWith("0 errors, 0 warnings\n");
        assertThat(run.status()).isEqualTo(ValidateCommand.CLEAN);
    }

    @Test
    void checksOneModelAndOneFile() {
        Path model = TestServers.examples().resolve("digits_cnn");

        Run ofModel = run(model.toString());
        assertThat(ofModel.printed()).startsWith("1 model, 1 version ready to load");
        Run ofFile = run(model.resolve("1/model.onnx").toString());
        assertThat(ofFile.printed()).startsWith("1 model, 1 version ready to load");
    }

    @Test
    void strictCountsWarnings() throws IOException {
        Path model = repository.resolve("digits");
        Path version = Files.createDirectories(model.resolve("1"));
        Files.copy(
                TestServers.examples().resolve("digits_cnn/1/model.onnx"),
                version.resolve("model.onnx"));
        Files.createDirectories(model.resolve("v2"));

        assertThat(run(repository.toString()).status()).isEqualTo(ValidateCommand.CLEAN);
        Run strict = run(repository.toString(), "--strict", "--format=JSON");
        assertThat(strict.status()).isEqualTo(ValidateCommand.FINDINGS);
        assertThat(strict.printed()).contains("\"warnings\" : 1");
    }

    @Test
    void saysWhatIsWrongWithThePath() {
        Run run = run(repository.resolve("none").toString());

        assertThat(run.status()).isEqualTo(ValidateCommand.TROUBLE);
        assertThat(run.trouble())
                .isEqualTo("error: failed to stat file " + repository.resolve("none") + "\n");
        assertThat(run.printed()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "onnxruntime,model.onnx,''",
        "onnxruntime,model.onnx,not a model",
        "tensorflow,model.graphdef,''",
        "tensorflow,model.graphdef,not a model",
        "tensorflow,model.savedmodel/saved_model.pb,''",
        "tensorflow,model.savedmodel/saved_model.pb,not a model",
        "tensorflow,model.savedmodel/readme.txt,no model at all",
        "dali,model.dali,not a model"
    })
    void survivesModelFilesThatAreNone(String backend, String file, String content)
            throws IOException {
        place(backend, file, content.getBytes(StandardCharsets.UTF_8));

        assertBroken();
    }

    @ParameterizedTest
    @CsvSource({"1", "100", "5000", "154000"})
    void survivesModelFilesThatAreCutOff(int length) throws IOException {
        byte[] whole =
                Files.readAllBytes(TestServers.examples().resolve("digits_cnn/1/model.onnx"));
        place("onnxruntime", "model.onnx", Arrays.copyOf(whole, length));

        assertBroken();
    }

    @Test
    void survivesModelFilesThatCannotBeRead() throws IOException {
        Path version = Files.createDirectories(repository.resolve("m/1"));
        Files.createSymbolicLink(version.resolve("model.onnx"), Path.of("/proc/self/mem"));

        assertBroken();
    }

    private void place(String backend, String file, byte[] content) throws IOException {
        Path version = Files.createDirectories(repository.resolve("m/1"));
        if (file.startsWith("model.savedmodel/")) {
            Files.createDirectories(version.resolve("model.savedmodel"));
        }
        Files.write(version.resolve(file), content);
        List<String> config = new ArrayList<>();
        config.add("backend: \"" + backend + "\"");
        if (file.endsWith("graphdef")) {
            config.set(0, "platform: \"tensorflow_graphdef\"");
        } else if (file.startsWith("model.savedmodel")) {
            config.set(0, "platform: \"tensorflow_savedmodel\"");
        }
        config.add("max_batch_size: 8");
        config.add("input { name: \"x\" data_type: TYPE_UINT8 dims: [ -1 ] }");
        config.add("output { name: \"y\" data_type: TYPE_FP32 dims: [ -1 ] }");
        Files.write(repository.resolve("m/config.pbtxt"), config);
    }

    private void assertBroken() {
        Run run = run(repository.toString());

        assertThat(run.trouble()).isEmpty();
        assertThat(run.status()).isEqualTo(ValidateCommand.FINDINGS);
        assertThat(run.printed())
                .contains(": error: ", "  fix: ")
                .containsAnyOf("[file]", "[mismatch]")
                .contains("1 model, 0 versions ready to load: 1 error, ");
    }
}
