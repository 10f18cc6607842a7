package io.nereid.backend.scheduler;

import java.util.function.LongConsumer;

/**
 * The turns in which threads bring requests: several at a time, of several models. Called on: any
 * thread, for itself.
 */
@FunctionalInterface
public interface Turns {
    /** Threads bring one request at a time, and do nothing else for it. */
    Turns NONE = work -> work.accept(0);

    /**
     * Does something for all requests that the calling thread brings now: soon, at the latest when
     * it has brought all that it has.
     *
     * @param work done once, by the calling thread; it is told for how many nanoseconds the thread
     *     may execute requests itself, 0 for not at all
     */
    void atEnd(LongConsumer work);
}
