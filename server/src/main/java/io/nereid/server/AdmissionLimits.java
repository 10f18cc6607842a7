package io.nereid.server;

/**
 * How much work the server takes on at a time.
 *
 * @param maxBytes most bytes of request bodies that are held
 * @param maxRequests most requests that are in flight
 * @param tooManyRequests whether who is refused is told 429 and RESOURCE_EXHAUSTED with the time to
 *     wait, and not 503 and UNAVAILABLE
 */
public record AdmissionLimits(long maxBytes, int maxRequests, boolean tooManyRequests) {
    /**
     * Requests in flight unless the operator says otherwise: as many as may wait for one model that
     * has no limit of its own.
     */
    public static final int DEFAULT_REQUESTS = 1 << 16;

    /** That many bytes, and everything else as it is by default. */
    public static AdmissionLimits ofBytes(long maxBytes) {
        return new AdmissionLimits(maxBytes, DEFAULT_REQUESTS, false);
    }
}
