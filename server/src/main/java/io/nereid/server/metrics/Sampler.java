package io.nereid.server.metrics;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The thread that looks at the machine and at the models twice in each interval. */
final class Sampler implements AutoCloseable {
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("nereid-metrics").factory());

    /**
     * Begins to look.
     *
     * @param interval {@code --metrics-interval-ms}
     * @param looks run in turn; must not throw
     */
    void start(Duration interval, List<Runnable> looks) {
        long nanos = Math.max(1, interval.toNanos() / 2);
        var _ =
                thread.scheduleAtFixedRate(
                        () -> looks.forEach(Runnable::run), 0, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
