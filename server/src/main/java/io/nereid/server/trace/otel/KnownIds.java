package io.nereid.server.trace.otel;

import io.opentelemetry.sdk.trace.IdGenerator;

/** Gives a new trace the id that it was given when it began. Used by one thread. */
final class KnownIds implements IdGenerator {
    private final IdGenerator random = IdGenerator.random();
    private String next = "";

    /** The id of the next trace that begins. */
    void setNext(String traceId) {
        next = traceId;
    }

    @Override
    public String generateTraceId() {
        return next.isEmpty() ? random.generateTraceId() : next;
    }

    @Override
    public String generateSpanId() {
        return random.generateSpanId();
    }
}
