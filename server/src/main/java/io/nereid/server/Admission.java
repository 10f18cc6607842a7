package io.nereid.server;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of requests in flight. Asked before a body is read, so that an overloaded server
 * refuses from the headers. May be used from any thread; never blocks.
 */
public final class Admission {
    private final long maxBytes;
    private final AtomicLong inFlight = new AtomicLong();

    /**
     * @param maxBytes most bytes of request bodies that are held at a time
     */
    public Admission(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Reserves room for a body.
     *
     * @throws StatusException INVALID_ARG if the body can never be admitted, UNAVAILABLE if it
     *     cannot be now
     */
    public void reserve(long byteSize) {
        if (byteSize > maxBytes) {
            throw new StatusException(
                    StatusCode.INVALID_ARG,
                    "request body of "
                            + byteSize
                            + " bytes exceeds the "
                            + maxBytes
                            + " bytes that all requests in flight may hold. Use"
                            + " --max-inflight-bytes to increase the limit.");
        }
        if (inFlight.addAndGet(byteSize) > maxBytes) {
            inFlight.addAndGet(-byteSize);
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "server is overloaded: requests in flight hold the "
                            + maxBytes
                            + " bytes of --max-inflight-bytes");
        }
    }

    /** Gives back what {@link #reserve} took. */
    public void release(long byteSize) {
        if (inFlight.addAndGet(-byteSize) < 0) {
            throw new IllegalStateException("more bytes released than were reserved");
        }
    }

    /** Most bytes that are held at a time. */
    public long maxBytes() {
        return maxBytes;
    }

    /** Bytes reserved now. */
    public long inFlightBytes() {
        return inFlight.get();
    }
}
