package io.nereid.server;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds the requests in flight and the bytes of their bodies. Asked before a body is read, so that
 * an overloaded server refuses from the headers. Neither number is ever above its limit, and what
 * is refused takes nothing from others. May be used from any thread; never blocks.
 */
public final class Admission {
    /** When clients that are told to wait ask again. */
    private static final int RETRY_SECONDS = 1;

    /** The flag that limits the bytes of requests to models. */
    public static final String BYTE_LIMIT = "--max-inflight-bytes";

    private final AdmissionLimits limits;
    private final String byteLimit;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final LongAdder refused = new LongAdder();

    /** For requests to models. */
    public Admission(AdmissionLimits limits) {
        this(limits, BYTE_LIMIT);
    }

    private Admission(AdmissionLimits limits, String byteLimit) {
        this.limits = limits;
        this.byteLimit = byteLimit;
    }

    /**
     * For what operators send, which has room of its own so that overload does not shut it out.
     *
     * @param byteLimit the flag that sets {@code maxBytes}, or from which it follows
     */
    public static Admission ofAdministration(long maxBytes, String byteLimit) {
        return new Admission(AdmissionLimits.ofBytes(maxBytes), byteLimit);
    }

    /**
     * Takes a place for a request.
     *
     * @throws StatusException UNAVAILABLE or RESOURCE_EXHAUSTED if there are too many
     */
    public @Owned Place enter() {
        if (!take(requests, 1, limits.maxRequests())) {
            throw refusal(
                    "server is overloaded: the "
                            + limits.maxRequests()
                            + " requests of --max-inflight-requests are in flight");
        }
        return new Place();
    }

    /**
     * Reserves room for a body.
     *
     * @throws StatusException INVALID_ARG if the body can never be admitted, UNAVAILABLE or
     *     RESOURCE_EXHAUSTED if it cannot be now
     */
    public void reserve(long byteSize) {
        if (byteSize > limits.maxBytes()) {
            throw neverFits("request body of " + byteSize + " bytes");
        }
        take(byteSize);
    }

    /**
     * Reserves room for more of a body whose length is not known yet.
     *
     * @param reserved what it has room for
     * @param byteSize what it needs room for now
     * @throws StatusException as {@link #reserve} does; then what was reserved still is
     */
    public void extend(long reserved, long byteSize) {
        if (byteSize > limits.maxBytes()) {
            throw neverFits("request body of at least " + byteSize + " bytes");
        }
        take(byteSize - reserved);
    }

    private StatusException neverFits(String body) {
        return new StatusException(
                StatusCode.INVALID_ARG,
                body
                        + " exceeds the "
                        + limits.maxBytes()
                        + " bytes that all requests in flight may hold. Use "
                        + byteLimit
                        + " to increase the limit.");
    }

    private void take(long byteSize) {
        if (!take(bytes, byteSize, limits.maxBytes())) {
            throw refusal(
                    "server is overloaded: requests in flight hold the "
                            + limits.maxBytes()
                            + " bytes of "
                            + byteLimit);
        }
    }

    private static boolean take(AtomicLong taken, long more, long limit) {
        long before = taken.get();
        while (before <= limit - more) {
            if (taken.compareAndSet(before, before + more)) {
                return true;
            }
            before = taken.get();
        }
        return false;
    }

    private StatusException refusal(String text) {
        refused.increment();
        return told(StatusException.overloaded(text));
    }

    /** The form in which a client is told of a failure: overload as the operator wants it. */
    public StatusException told(StatusException failure) {
        return limits.tooManyRequests() && failure.isOverload()
                ? failure.asTooManyRequests(RETRY_SECONDS)
                : failure;
    }

    /** Gives back what {@link #reserve} took. */
    public void release(long byteSize) {
        if (bytes.addAndGet(-byteSize) < 0) {
            throw new IllegalStateException("more bytes released than were reserved");
        }
    }

    /** Most bytes that are held at a time. */
    public long maxBytes() {
        return limits.maxBytes();
    }

    /** Bytes reserved now. */
    public long inFlightBytes() {
        return bytes.get();
    }

    /** Most requests that are in flight at a time. */
    public long maxRequests() {
        return limits.maxRequests();
    }

    /** Requests in flight now, from their headers to the end of their answers. */
    public long inFlightRequests() {
        return requests.get();
    }

    /** Requests that were refused because of these limits, ever. */
    public long refusals() {
        return refused.sum();
    }

    /** A request's place among those in flight. */
    public final class Place implements AutoCloseable {
        private final AtomicBoolean given = new AtomicBoolean();

        private Place() {}

        /** Gives the place to others; once, on any thread. */
        @Override
        public void close() {
            if (given.getAndSet(true)) {
                throw new IllegalStateException("a request's place was given back twice");
            }
            requests.decrementAndGet();
        }
    }
}
