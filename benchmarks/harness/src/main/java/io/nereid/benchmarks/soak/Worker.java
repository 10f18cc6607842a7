package io.nereid.benchmarks.soak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Does the same work again and again on a thread of its own, until it is told to stop or fails.
 * Started and stopped by one thread; may be asked from any.
 */
final class Worker {
    private final String name;
    private final Thread thread;
    private final AtomicLong done = new AtomicLong();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private volatile boolean stopping;

    /** A turn of the work. */
    interface Turn {
        /**
         * Does one.
         *
         * @param number of the turn, from 0
         * @return how much was done
         */
        long run(long number) throws Exception;
    }

    private Worker(String name, Turn turn) {
        this.name = name;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> work(turn));
    }

    static Worker start(String name, Turn turn) {
        Worker worker = new Worker(name, turn);
        worker.thread.start();
        return worker;
    }

    /** Lets the current turn end, and waits for that. */
    void stop() throws InterruptedException {
        stopping = true;
        thread.join();
    }

    boolean hasFailed() {
        return !failures.isEmpty();
    }

    List<Throwable> failures() {
        return failures;
    }

    @Override
    public String toString() {
        return done + " " + name;
    }

    private void work(Turn turn) {
        try {
            for (long number = 0; !stopping; number++) {
                done.addAndGet(turn.run(number));
            }
        } catch (Exception e) {
            failures.add(e);
        }
    }
}
