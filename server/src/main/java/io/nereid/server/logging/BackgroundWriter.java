package io.nereid.server.logging;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does one thing after the other on a thread of its own, so that nobody who has something to write
 * waits for a file. How much waits is bounded: what is too much is not done, and counted. Any
 * thread.
 */
public final class BackgroundWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BackgroundWriter.class);

    private final int capacity;
    private final Runnable whenIdle;
    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private final Thread thread;

    /** Belongs to the thread. */
    private boolean ended;

    /**
     * @param name of the thread
     * @param capacity most things that {@link #offer} lets wait
     * @param whenIdle run on the thread when nothing waits any more, as to flush
     */
    public BackgroundWriter(String name, int capacity, Runnable whenIdle) {
        this.capacity = capacity;
        this.whenIdle = whenIdle;
        this.thread = Thread.ofPlatform().name(name).daemon().start(this::work);
    }

    /** Has {@code work} done later; false if too much waits already. */
    public boolean offer(Runnable work) {
        if (waiting.incrementAndGet() > capacity) {
            waiting.decrementAndGet();
            refused.incrementAndGet();
            return false;
        }
        queue.add(() -> {
            waiting.decrementAndGet();
            work.run();
        });
        return true;
    }

    /** Has {@code work} done later whatever waits; for what is rare or bounded otherwise. */
    public void post(Runnable work) {
        queue.add(work);
    }

    /** Things that were not done because too much waited. */
    public long refused() {
        return refused.get();
    }

    /** Does what waits, then ends. What comes later is not done. Blocks. */
    @Override
    public void close() {
        queue.add(() -> ended = true);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        while (!ended) {
            run(take());
            if (queue.isEmpty()) {
                run(whenIdle);
            }
        }
    }

    /** One thing that fails must not keep the others from being done. */
    private static void run(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            log.error("failed in the background", e);
        }
    }

    private Runnable take() {
        while (true) {
            try {
                return queue.take();
            } catch (InterruptedException e) {
                // Nobody stops this thread so: close() does.
                log.debug("interrupted", e);
            }
        }
    }
}
