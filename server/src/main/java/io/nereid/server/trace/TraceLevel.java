package io.nereid.server.trace;

/** What a trace holds. */
public enum TraceLevel {
    TIMESTAMPS,
    TENSORS
}
