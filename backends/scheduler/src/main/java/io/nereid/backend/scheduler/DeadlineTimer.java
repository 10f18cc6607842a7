package io.nereid.backend.scheduler;

/** Calls back at points in time. May be used from any thread. */
@FunctionalInterface
public interface DeadlineTimer {
    /**
     * Runs {@code event} once, in {@code nanos} from now or a little later, on the timer's thread.
     * It must not block.
     */
    void schedule(long nanos, Runnable event);
}
