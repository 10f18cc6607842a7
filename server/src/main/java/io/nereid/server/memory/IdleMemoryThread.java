package io.nereid.server.memory;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread {@code nereid-memory}, on which {@link IdleMemory} looks again and again. */
public final class IdleMemoryThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IdleMemoryThread.class);

    /** What is idle for one to two of these is freed. */
    private static final Duration INTERVAL = Duration.ofSeconds(15);

    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("nereid-memory").factory());

    /** Lets it look from now on. */
    public void start(IdleMemory memory) {
        long nanos = INTERVAL.toNanos();
        var _ = thread.scheduleAtFixedRate(() -> look(memory), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private static void look(IdleMemory memory) {
        try {
            memory.look();
        } catch (RuntimeException e) {
            // The executor would keep it to itself, and look no more.
            log.error("cannot give idle memory back", e);
        }
    }

    /** Looks no more; waits for a look that has begun. */
    @Override
    public void close() {
        thread.close();
    }
}
