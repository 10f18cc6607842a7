package io.nereid.server.main;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.nereid.server.logging.LogControl;
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
    /** What a server logs that is told nothing. */
    static final LogSettings DEFAULT =
            new LogSettings(0, true, true, true, false, Optional.empty());

    /** Nothing is logged. */
    static final LogSettings SILENT =
            new LogSettings(0, false, false, false, false, Optional.empty());

    private static final String ISO_8601 = "ISO8601";

    /** Puts the settings into force; the result shows and changes them. */
    LogControl apply() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        PrintStream toFile = file.map(LogSettings::open).orElse(null);
        return RunningLog.start(
                context,
                this,
                toFile == null ? System.out : toFile,
                toFile == null ? System.err : toFile);
    }

    /** Whether lines of that level are written. */
    boolean shows(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> error;
            case Level.WARN_INT -> warning;
            case Level.INFO_INT -> info;
            default -> verbose > 0;
        };
    }

    /** The settings as clients see them. */
    LogControl.Settings shown() {
        return new LogControl.Settings(
                file.map(Path::toString).orElse(""),
                info,
                warning,
                error,
                verbose,
                iso8601 ? ISO_8601 : "default");
    }

    /** These settings with a client's changes; the file stays. */
    LogSettings changed(LogControl.Settings wanted) {
        return new LogSettings(
                wanted.verboseLevel(),
                wanted.info(),
                wanted.warning(),
                wanted.error(),
                wanted.format().equals(ISO_8601),
                file);
    }

    private static PrintStream open(Path file) {
        try {
            return new PrintStream(
                    new FileOutputStream(file.toFile(), true), true, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot append to log file " + file, e);
        }
    }
}
