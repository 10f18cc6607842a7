package io.nereid.backend;

/**
 * One response of a decoupled model, the end of a request without a further one included (metrics
 * section 8).
 *
 * @param ordinal position among the responses to its request, from 0
 * @param inferNanos from the response before, or the beginning, until its outputs were there
 * @param outputNanos from then until it left
 * @param kind what it was
 */
public record DecoupledResponse(int ordinal, long inferNanos, long outputNanos, Kind kind) {
    /** What a response may be. */
    public enum Kind {
        SUCCESS,
        /** Without outputs. */
        EMPTY,
        FAIL,
        CANCEL
    }
}
