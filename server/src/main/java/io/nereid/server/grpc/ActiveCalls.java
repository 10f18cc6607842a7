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
    /** What whoever comes too late is told. */
    static final String REFUSAL =
            "GRPC server is shutting down and has stopped accepting new requests.";

    private static final int ALL = Integer.MAX_VALUE;

    private final Semaphore permits = new Semaphore(ALL);
    private volatile boolean refusing;

    /**
     * Begins a call, which must {@link #leave} once.
     *
     * @throws StatusException UNAVAILABLE if no more calls are accepted
     */
    void enter() {
        if (refusing || !permits.tryAcquire()) {
            throw new StatusException(StatusCode.UNAVAILABLE, REFUSAL);
        }
    }

    /** Ends a call. */
    void leave() {
        permits.release();
    }

    /** From now on {@link #enter} fails. */
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
