package io.nereid.server.main;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * How lines are logged (cli section 7).
 *
 * @param verbose above 0 for details per request
 * @param iso8601 the long form of time stamps
 * @param file where lines are appended; without one, information goes to the standard output and
 *     the rest to the standard error
 */
record LogSettings(
        int verbose,
        boolean info,
        boolean warning,
        boolean error,
        boolean iso8601,
        Optional<Path> file) {

    /** Puts the settings into force. */
    void apply() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        PrintStream toFile = file.map(LogSettings::open).orElse(null);
        LineAppender appender =
                new LineAppender(
                        this,
                        toFile == null ? System.out : toFile,
                        toFile == null ? System.err : toFile);
        appender.setContext(context);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(appender);
        context.getLogger("io.nereid").setLevel(verbose > 0 ? Level.DEBUG : Level.INFO);
    }

    private boolean shows(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> error;
            case Level.WARN_INT -> warning;
            case Level.INFO_INT -> info;
            default -> verbose > 0;
        };
    }

    private static PrintStream open(Path file) {
        try {
            return new PrintStream(
                    new FileOutputStream(file.toFile(), true), true, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot append to log file " + file, e);
        }
    }

    /** Writes one line per event; the only place that prints. */
    private static final class LineAppender extends AppenderBase<ILoggingEvent> {
        private final LogSettings settings;
        private final LogLine line;
        private final PrintStream information;
        private final PrintStream trouble;

        LineAppender(LogSettings settings, PrintStream information, PrintStream trouble) {
            this.settings = settings;
            this.line = new LogLine(settings.iso8601());
            this.information = information;
            this.trouble = trouble;
        }

        @Override
        protected void append(ILoggingEvent event) {
            if (settings.shows(event.getLevel())) {
                boolean bad = event.getLevel().isGreaterOrEqual(Level.WARN);
                (bad ? trouble : information).println(line.of(event));
            }
        }
    }
}
