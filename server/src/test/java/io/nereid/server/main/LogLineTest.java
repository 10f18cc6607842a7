package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.nereid.server.logging.LogFormat;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class LogLineTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678901Z");

    private static LoggingEvent event(Level level, String message) {
        LoggingEvent event =
                new LoggingEvent(
                        "test",
                        new LoggerContext().getLogger("io.nereid.server.Thing"),
                        level,
                        message,
                        null,
                        null);
        event.setInstant(TIME);
        return event;
    }

    @Test
    void beginsWithLevelTimeProcessAndClass() {
        assertThat(new LogLine(LogFormat.DEFAULT).of(event(Level.WARN, "something")))
                .matches("W0102 03:04:05\\.678901 \\d+ Thing] \"something\"");
    }

    @Test
    void writesTheLongFormOfTime() {
        assertThat(new LogLine(LogFormat.ISO8601).of(event(Level.INFO, "something")))
                .matches("2026-01-02T03:04:05Z I \\d+ Thing] \"something\"");
    }

    @Test
    void escapesWhatCouldPassForALineOfItsOwn() {
        assertThat(
                        new LogLine(LogFormat.DEFAULT)
                                .of(event(Level.ERROR, "a\nI0102 \"b\" \\ \u0001")))
                .endsWith("] \"a\\nI0102 \\\"b\\\" \\\\ \\u0001\"");
    }

    @Test
    void leavesTablesAsTheyAre() {
        LoggingEvent event = event(Level.INFO, "\n+---+\n");
        event.addMarker(LogLine.VERBATIM);

        assertThat(new LogLine(LogFormat.DEFAULT).of(event)).endsWith("] \n+---+\n");
    }
}
