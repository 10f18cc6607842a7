package io.nereid.backend.scheduler;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code nereid-timer}, one for the whole server. It sleeps until the next event is due;
 * without events it is not even started.
 */
public final class TimerThread implements DeadlineTimer, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TimerThread.class);

    private final ScheduledThreadPoolExecutor executor =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("nereid-timer").daemon().factory());

    @Override
    public void schedule(long nanos, Runnable event) {
        var _ = executor.schedule(() -> run(event), nanos, TimeUnit.NANOSECONDS);
    }

    private static void run(Runnable event) {
        try {
            event.run();
        } catch (Throwable failure) {
            // The executor would keep it to itself; the events that follow are not to blame.
            log.error("an event of the timer failed", failure);
        }
    }

    /** Forgets the events that are not due. Whoever uses the timer is closed before. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
