package io.nereid.server.main;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.nereid.server.logging.LogControl;
import io.nereid.server.logging.LogFormat;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * How lines are logged (cli section 7).
 *
 * @param verbose above 0 for details per request
 * @param format form of lines
 * @param file where lines are appended; without one, information goes to the standard output and
 *     the rest to the standard error
 */
record LogSettings(
        int verbose,
        boolean info,
        boolean warning,
        boolean error,
        LogFormat format,
        Optional<Path> file) {
    /** What a server logs that is told nothing. */
    static final LogSettings DEFAULT =
            new LogSettings(0, true, true, true, LogFormat.DEFAULT, Optional.empty());

    /** Nothing is logged. */
    static final LogSettings SILENT =
            new LogSettings(0, false, false, false, LogFormat.DEFAULT, Optional.empty());

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

    /** Where commands print what was asked for. */
    static PrintWriter output() {
        return new PrintWriter(System.out, true, System.out.charset());
    }

    /** Where commands print what went wrong. */
    static PrintWriter errors() {
        return new PrintWriter(System.err, true, System.err.charset());
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
                format.wireName());
    }

    /** These settings with a client's changes; the file stays. */
    LogSettings changed(LogControl.Settings wanted) {
        return new LogSettings(
                wanted.verboseLevel(),
                wanted.info(),
                wanted.warning(),
                wanted.error(),
                LogFormat.of(wanted.format()).orElse(format),
                file);
    }

    /** The stream that an access log goes to: {@code stdout}, or a file that is appended to. */
    static OutputStream accessStream(String target) {
        return target.equals("stdout")
                ? new Standard(System.out)
                : new BufferedOutputStream(append(target));
    }

    private static OutputStream append(String file) {
        try {
            return new FileOutputStream(file, true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot append to access log " + file, e);
        }
    }

    /** Whole lines to the standard output, which stays open. */
    private static final class Standard extends OutputStream {
        private final PrintStream out;

        Standard(PrintStream out) {
            this.out = out;
        }

        @Override
        public void write(int value) {
            out.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            out.write(bytes, offset, length);
        }

        @Override
        public void flush() {
            out.flush();
        }
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
