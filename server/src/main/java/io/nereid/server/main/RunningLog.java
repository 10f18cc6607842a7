package io.nereid.server.main;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.nereid.server.logging.LogControl;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * The log of a running server: writes one line per event to two streams, and lets its settings be
 * changed. The settings are replaced as a whole, so that each line is written with one state of
 * them. May be used from any thread.
 */
final class RunningLog implements LogControl {
    private static final String SERVER = "io.nereid";

    /** What a line needs to know. */
    private record State(LogSettings settings, LogLine line) {
        State(LogSettings settings) {
            this(settings, new LogLine(settings.format()));
        }
    }

    private final LoggerContext context;
    private final LineAppender appender = new LineAppender();
    private final PrintStream information;
    private final PrintStream trouble;

    // Replaced as a whole, under this object's lock; read without.
    private volatile State state;

    private RunningLog(
            LoggerContext context,
            LogSettings settings,
            PrintStream information,
            PrintStream trouble) {
        this.context = context;
        this.state = new State(settings);
        this.information = information;
        this.trouble = trouble;
    }

    /**
     * Makes the settings those of the process.
     *
     * @param information gets what is no trouble
     * @param trouble gets warnings and errors
     */
    static RunningLog start(
            LoggerContext context,
            LogSettings settings,
            PrintStream information,
            PrintStream trouble) {
        RunningLog running = new RunningLog(context, settings, information, trouble);
        context.reset();
        running.appender.setContext(context);
        running.appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(running.appender);
        running.setVerbosity(settings);
        return running;
    }

    /** A log by itself, to which nobody writes. */
    static RunningLog unheard() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, UTF_8);
        return start(new LoggerContext(), LogSettings.DEFAULT, nowhere, nowhere);
    }

    @Override
    public Settings settings() {
        return state.settings().shown();
    }

    @Override
    public synchronized void update(Settings settings) {
        LogSettings changed = state.settings().changed(settings);
        state = new State(changed);
        setVerbosity(changed);
    }

    private void setVerbosity(LogSettings settings) {
        context.getLogger(SERVER).setLevel(settings.verbose() > 0 ? Level.DEBUG : Level.INFO);
    }

    private final class LineAppender extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            State now = state;
            if (now.settings().shows(event.getLevel())) {
                boolean bad = event.getLevel().isGreaterOrEqual(Level.WARN);
                (bad ? trouble : information).println(now.line().of(event));
            }
        }
    }
}
