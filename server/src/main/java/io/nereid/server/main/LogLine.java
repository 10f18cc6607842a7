package io.nereid.server.main;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import io.nereid.server.logging.JsonText;
import io.nereid.server.logging.LogFormat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * The text of a log line: a JSON object, or level, time, process, class, message. Messages are
 * quoted and escaped like JSON strings, so that nothing that came from a client can pass for a line
 * of its own.
 */
final class LogLine {
    /** Marks messages of several lines that the server itself made, which are left as they are. */
    static final Marker VERBATIM = MarkerFactory.getMarker("VERBATIM");

    private static final DateTimeFormatter SHORT =
            DateTimeFormatter.ofPattern("MMdd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter LONG =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private final LogFormat format;
    private final long processId = ProcessHandle.current().pid();

    LogLine(LogFormat format) {
        this.format = format;
    }

    String of(ILoggingEvent event) {
        return switch (format) {
            case DEFAULT -> text(event, false);
            case ISO8601 -> text(event, true);
            case JSON -> JsonLogLine.of(event);
        };
    }

    private String text(ILoggingEvent event, boolean iso8601) {
        StringBuilder text = new StringBuilder(160);
        char level = levelOf(event.getLevel());
        Instant time = event.getInstant();
        if (iso8601) {
            text.append(LONG.format(time)).append(' ').append(level);
        } else {
            text.append(level).append(SHORT.format(time));
        }
        String logger = event.getLoggerName();
        text.append(' ').append(processId).append(' ');
        text.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append("] ");
        boolean verbatim =
                event.getMarkerList() != null && event.getMarkerList().contains(VERBATIM);
        if (verbatim) {
            text.append(event.getFormattedMessage());
        } else {
            JsonText.quote(event.getFormattedMessage(), text);
        }
        if (event.getKeyValuePairs() != null) {
            event.getKeyValuePairs().forEach(pair -> append(pair, text));
        }
        if (event.getThrowableProxy() != null) {
            text.append('\n').append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return text.toString();
    }

    private static char levelOf(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> 'E';
            case Level.WARN_INT -> 'W';
            default -> 'I';
        };
    }

    private static void append(KeyValuePair pair, StringBuilder text) {
        String value = String.valueOf(pair.value);
        if (!value.isEmpty()) {
            text.append(' ').append(pair.key).append('=');
            JsonText.quote(value, text);
        }
    }
}
