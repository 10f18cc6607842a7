package io.nereid.server.health;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread {@code nereid-watchdog}, on which a {@link Watchdog} looks again and again. */
public final class WatchdogThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WatchdogThread.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("nereid-watchdog").factory());

    /** Lets it look from now on, once a second. */
    public void start(Watchdog watchdog) {
        long nanos = INTERVAL.toNanos();
        var _ =
                thread.scheduleAtFixedRate(
                        () -> look(watchdog), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private static void look(Watchdog watchdog) {
        try {
            watchdog.look();
        } catch (RuntimeException e) {
            // The executor would keep it to itself, and look no more.
            log.error("cannot look for stuck instances", e);
        }
    }

    /** Looks no more. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
