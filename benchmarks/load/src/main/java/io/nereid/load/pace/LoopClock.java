package io.nereid.load.pace;

/** The time and the alarm of the loop that a {@link Driver} runs on. */
public interface LoopClock {
    /** Now, of a monotonic clock. */
    long nanoTime();

    /** Runs a task on the loop after a delay. */
    void after(long delayNanos, Runnable task);
}
