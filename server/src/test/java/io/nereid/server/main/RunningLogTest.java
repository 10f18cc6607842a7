package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.nereid.server.logging.LogControl;
import io.nereid.server.logging.LogFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class RunningLogTest {
    private final LoggerContext context = new LoggerContext();
    private final ByteArrayOutputStream information = new ByteArrayOutputStream();
    private final ByteArrayOutputStream trouble = new ByteArrayOutputStream();
    private final RunningLog running =
            RunningLog.start(context, LogSettings.DEFAULT, stream(information), stream(trouble));
    private final Logger log = context.getLogger("io.nereid.server.Thing");

    private static PrintStream stream(ByteArrayOutputStream target) {
        return new PrintStream(target, true, StandardCharsets.UTF_8);
    }

    private static String drain(ByteArrayOutputStream target) {
        String text = target.toString(StandardCharsets.UTF_8);
        target.reset();
        return text;
    }

    /** What is written of one line of each level, without what stands before the message. */
    private String written() {
        log.debug("d");
        log.info("i");
        log.warn("w");
        log.error("e");
        return (drain(information) + "|" + drain(trouble))
                .replaceAll("[^|\"\n]*\\] ", "")
                .replaceAll("[\"\n]", "");
    }

    private void update(boolean info, boolean warning, boolean error, int verbose, String format) {
        running.update(new LogControl.Settings("ignored", info, warning, error, verbose, format));
    }

    @Test
    void showsAndWritesWhatIsTheDefault() {
        assertThat(running.settings())
                .isEqualTo(new LogControl.Settings("", true, true, true, 0, "default"));
        assertThat(written()).isEqualTo("i|we");
    }

    @Test
    void switchesLevelsWhileItRuns() {
        update(false, true, false, 0, "default");
        assertThat(written()).isEqualTo("|w");

        update(false, false, true, 2, "default");
        assertThat(written()).isEqualTo("d|e");
        assertThat(running.settings())
                .isEqualTo(new LogControl.Settings("", false, false, true, 2, "default"));

        update(true, true, true, 0, "default");
        assertThat(written()).isEqualTo("i|we");
    }

    @Test
    void isAsVerboseForOthersAsItAlwaysIs() {
        update(true, true, true, 9, "default");

        context.getLogger("io.netty.Thing").debug("of a library");

        assertThat(drain(information)).isEmpty();
    }

    @Test
    void switchesTheFormOfLines() {
        update(true, true, true, 0, "ISO8601");
        log.info("i");
        assertThat(drain(information))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ I \\d+ Thing] \"i\"\\R");
        assertThat(running.settings().format()).isEqualTo("ISO8601");

        update(true, true, true, 0, "json");
        log.info("i");
        assertThat(drain(information)).matches("\\{\"time\":.*\"message\":\"i\"\\}\\R");
        assertThat(running.settings().format()).isEqualTo("json");

        update(true, true, true, 0, "default");
        log.info("i");
        assertThat(drain(information)).matches("I\\d{4} .* Thing] \"i\"\\R");
    }

    @Test
    void keepsItsFile() throws IOException {
        Path file = Files.createTempFile("log", ".txt");
        LogSettings settings =
                new LogSettings(0, true, true, true, LogFormat.DEFAULT, Optional.of(file));
        RunningLog other =
                RunningLog.start(context, settings, stream(information), stream(trouble));

        other.update(new LogControl.Settings("elsewhere", true, true, true, 1, "default"));

        assertThat(other.settings().file()).isEqualTo(file.toString());
        assertThat(other.settings().verboseLevel()).isEqualTo(1);
        Files.delete(file);
    }

    @Test
    void writesWholeLinesWhileItIsChanged() {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                boolean iso = i % 2 == 0;
                threads.execute(() -> {
                    for (int n = 0; n < 500; n++) {
                        update(true, true, true, 0, iso ? "ISO8601" : "default");
                        log.info("a message");
                    }
                });
            }
        }

        assertThat(drain(information).lines())
                .hasSize(2000)
                .allMatch(line ->
                        line.matches("I\\d{4} [0-9:.]+ \\d+ Thing] \"a message\"")
                                || line.matches("[0-9T:-]+Z I \\d+ Thing] \"a message\""));
    }
}
