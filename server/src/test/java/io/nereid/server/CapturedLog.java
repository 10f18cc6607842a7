package io.nereid.server;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Keeps what a class logs until it is closed. */
public final class CapturedLog implements AutoCloseable {
    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    lines.add(event.getLevel() + " " + event.getFormattedMessage());
                }
            };

    private CapturedLog(Logger logger) {
        this.logger = logger;
    }

    /** Begins to keep what is logged under that name. */
    public static CapturedLog of(String name) {
        if (!(LoggerFactory.getLogger(name) instanceof Logger logger)) {
            throw new IllegalStateException("tests log with Logback");
        }
        CapturedLog log = new CapturedLog(logger);
        log.appender.setContext(logger.getLoggerContext());
        log.appender.start();
        logger.addAppender(log.appender);
        return log;
    }

    /** What was logged, each with its level before it. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        appender.stop();
    }
}
