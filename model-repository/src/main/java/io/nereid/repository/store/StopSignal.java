package io.nereid.repository.store;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ends waits and downloads when the server stops. Any thread. */
final class StopSignal {
    private final CountDownLatch stopped = new CountDownLatch(1);

    void stop() {
        stopped.countDown();
    }

    /**
     * Does nothing while the server runs.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting} once it stops
     */
    void check() {
        if (stopped.getCount() == 0) {
            throw exiting();
        }
    }

    /**
     * Waits.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting} as soon as the server stops
     */
    void pause(long nanos) {
        try {
            if (stopped.await(nanos, TimeUnit.NANOSECONDS)) {
                throw exiting();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw exiting();
        }
    }

    private static StatusException exiting() {
        return new StatusException(StatusCode.UNAVAILABLE, "Server exiting");
    }
}
