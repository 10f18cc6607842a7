package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Builds every repository of {@code docs/config-errors.md} and compares what is printed. */
final class ConfigErrorsDocumentIT {
    private static final Path DOCUMENT = Path.of("../docs/config-errors.md");

    @TempDir private Path repository;

    static Stream<DocumentedMistake> mistakes() {
        try {
            return DocumentedMistake.in(Files.readString(DOCUMENT)).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void thereAreManyMistakes() {
        assertThat(mistakes()).hasSizeGreaterThanOrEqualTo(40);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void printsWhatTheDocumentSays(DocumentedMistake mistake) throws IOException {
        mistake.build(repository, ConfigErrorsDocumentIT::model);
        StringWriter printed = new StringWriter();
        StringWriter trouble = new StringWriter();
        ValidateCommand command = new ValidateCommand();
        new CommandLine(command).parseArgs(repository.toString());

        int status =
                command.run(
                        Map.of(),
                        TestServers.home(),
                        new PrintWriter(printed),
                        new PrintWriter(trouble));

        assertThat(trouble.toString()).isEmpty();
        assertThat(printed.toString().replace(repository + "/", "").strip())
                .isEqualTo(mistake.printed());
        boolean error = mistake.printed().lines().anyMatch(line -> line.contains(": error: "));
        assertThat(status).isEqualTo(error ? ValidateCommand.FINDINGS : ValidateCommand.CLEAN);
    }

    /** The model file of a repository that the conformance tests serve. */
    private static Path model(String name) {
        List<String> place = List.of("conformance", "repository", name, "1", "model.onnx");
        return TestServers.resource("/" + String.join("/", place));
    }
}
