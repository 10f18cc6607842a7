package io.nereid.server.main;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * The text of a log line: level, time, process, class, message. Messages are quoted and escaped
 * like JSON strings, so that nothing that came from a client can pass for a line of its own.
 */
final class LogLine {
    /** Marks messages of several lines that the server itself made, which are left as they are. */
    static final Marker VERBATIM = MarkerFactory.getMarker("VERBATIM");

    private static final DateTimeFormatter SHORT =
            DateTimeFormatter.ofPattern("MMdd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter LONG =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private final boolean iso8601;
    private final long processId = ProcessHandle.current().pid();

    LogLine(boolean iso8601) {
        this.iso8601 = iso8601;
    }

    String of(ILoggingEvent event) {
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
            quote(event.getFormattedMessage(), text);
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

    private static void quote(String message, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ') {
                        text.append(String.format("\\u%04X", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
