package io.nereid.repository.store;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * How often, and how long apart, a store is asked again: each wait is twice the one before.
 * Stateless; any thread.
 *
 * @param attempts in a row without success, 1 or more
 * @param firstNanos wait after the first
 * @param pause waits so many nanoseconds
 */
record Retries(int attempts, long firstNanos, LongConsumer pause) {
    private static final int ATTEMPTS = 5;
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Something that a store is asked. */
    interface Call<T> {
        T run() throws StoreException;
    }

    static Retries standard(StopSignal stop) {
        return new Retries(ATTEMPTS, FIRST_NANOS, stop::pause);
    }

    /** Asks until the store answers, or fails with what asking again does not help. */
    <T> T run(Call<T> call) throws StoreException {
        for (int failed = 1; ; failed++) {
            try {
                return call.run();
            } catch (StoreException e) {
                if (e.kind() != StoreException.Kind.TRANSIENT || failed >= attempts) {
                    throw e;
                }
            }
            waitAfter(failed);
        }
    }

    /** Waits after so many failures in a row. */
    void waitAfter(int failed) {
        pause.accept(firstNanos << (failed - 1));
    }
}
