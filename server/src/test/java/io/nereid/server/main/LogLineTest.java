package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.server.logging.LogFormat;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

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

    @Test
    void namesTheRequestBehindTheMessage() {
        LoggingEvent event = event(Level.ERROR, "failed");
        event.addKeyValuePair(new KeyValuePair("request_id", "a \"b\""));
        event.addKeyValuePair(new KeyValuePair("trace_id", ""));

        assertThat(new LogLine(LogFormat.DEFAULT).of(event))
                .endsWith("] \"failed\" request_id=\"a \\\"b\\\"\"");
    }

    @Test
    void writesAnObjectOnOneLine() throws IOException {
        LoggingEvent event = event(Level.ERROR, "failed\nbadly");
        event.setThreadName("a thread");
        event.addKeyValuePair(new KeyValuePair("request_id", "r"));
        event.setThrowableProxy(new ThrowableProxy(new IllegalStateException("why")));

        String line = new LogLine(LogFormat.JSON).of(event);

        assertThat(line).doesNotContain("\n");
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.propertyStream().map(Map.Entry::getKey))
                .containsExactly(
                        "time", "level", "thread", "logger", "message", "request_id", "exception");
        assertThat(json.get("time").asText()).isEqualTo("2026-01-02T03:04:05.678901Z");
        assertThat(json.get("level").asText()).isEqualTo("ERROR");
        assertThat(json.get("thread").asText()).isEqualTo("a thread");
        assertThat(json.get("logger").asText()).isEqualTo("io.nereid.server.Thing");
        assertThat(json.get("message").asText()).isEqualTo("failed\nbadly");
        assertThat(json.get("exception").asText())
                .startsWith("java.lang.IllegalStateException: why");
    }
}
