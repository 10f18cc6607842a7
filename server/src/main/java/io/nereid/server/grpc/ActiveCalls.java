package io.nereid.server.grpc;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The inference requests that run, each as a call or in a stream. May be used from any thread. A
 * request holds one permit of a semaphore; whoever holds all permits knows that no call runs.
 */
final class ActiveCalls {
    /** What a request of a stream that comes too late is told. */
    static final String REFUSAL =
            "GRPC server is shutting down and has stopped accepting new requests.";

    private static final int ALL = Integer.MAX_VALUE;

    private final Semaphore permits = new Semaphore(ALL);
    private volatile boolean refusing;

    /**
     * Begins a request that is a call of its own, which must {@link #leave} once. It is never too
     * late for one: a client that was told to begin no more calls has none that could come.
     */
    void enter() {
        if (!permits.tryAcquire()) {
            throw new StatusException(StatusCode.UNAVAILABLE, REFUSAL);
        }
    }

    /**
     * Begins a request of a stream, which must {@link #leave} once.
     *
     * @throws StatusException UNAVAILABLE if no more are accepted
     */
    void enterFromStream() {
        if (refusing) {
            throw new StatusException(StatusCode.UNAVAILABLE, REFUSAL);
        }
        enter();
    }

    /** Ends a call. */
    void leave() {
        permits.release();
    }

    /** From now on {@link #enterFromStream} fails. */
    void refuseNew() {
        refusing = true;
    }

    /** Waits until no call runs; false if that takes longer than {@code limit}. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        boolean idle = permits.tryAcquire(ALL, limit.toNanos(), TimeUnit.NANOSECONDS);
        if (idle) {
            permits.release(ALL);
        }
        return idle;
    }
}
