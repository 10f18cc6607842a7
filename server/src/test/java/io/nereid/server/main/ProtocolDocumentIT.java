package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs every call of {@code docs/protocol.md} and compares the answer with the one shown. */
final class ProtocolDocumentIT {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK =
            Pattern.compile("```console\\n\\$ ([^\\n]+)\\n(.*?)```", Pattern.DOTALL);

    private static NereidServer server;

    private record Call(String command, String answer) {}

    @BeforeAll
    static void start() {
        server =
                NereidServer.start(
                        TestServers.options(ROOT.resolve("examples").resolve("protocol")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<Call> calls() throws IOException {
        String document = Files.readString(ROOT.resolve("docs").resolve("protocol.md"));
        List<Call> calls = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(document);
        while (blocks.find()) {
            calls.add(new Call(blocks.group(1), blocks.group(2)));
        }
        return calls;
    }

    @Test
    void findsTheCalls() throws IOException {
        assertThat(calls()).hasSizeGreaterThan(15);
    }

    @TestFactory
    Stream<DynamicTest> answersAsTheDocumentSays() throws IOException {
        ShownCommands commands = new ShownCommands(server.httpPort(), server.grpcPort());
        return calls().stream()
                .map(call ->
                        DynamicTest.dynamicTest(
                                call.command(),
                                () ->
                                        assertThat(commands.run(call.command()))
                                                .matches(pattern(call.answer()))));
    }

    /** The answer shown as a pattern: {@code ...} stands for anything. */
    private static Pattern pattern(String answer) {
        StringBuilder pattern = new StringBuilder();
        String[] parts = answer.strip().split("\\.\\.\\.", -1);
        for (int i = 0; i < parts.length; i++) {
            pattern.append(i == 0 ? "" : ".*").append(Pattern.quote(parts[i]));
        }
        return Pattern.compile(pattern + "\\s*", Pattern.DOTALL);
    }
}
