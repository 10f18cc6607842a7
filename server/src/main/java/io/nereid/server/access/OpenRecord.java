package io.nereid.server.access;

import io.nereid.backend.Model;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.RequestTrace;
import io.nereid.protocol.StatusException;
import io.nereid.server.trace.TraceParent;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects what the line of one call says. A request's thread hands it to the front end's together
 * with the answer; a line of a call whose client went away earlier may miss what comes later.
 */
final class OpenRecord implements AccessRecord, RequestTrace {
    /** When a call began. */
    record Start(Instant time, long nanos) {}

    private final Start start;
    private final LongSupplier nanoTime;
    private final Consumer<AccessLine> lines;
    private final String protocol;
    private final String method;
    private final String target;
    private final String client;

    private String modelName = "";
    private long modelVersion;
    private String requestId = "";
    private String traceId = "";
    private @Nullable InferenceRequest request;
    private long queuedAt;
    private long queueNanos;
    private ComputeNanos compute = ComputeNanos.NONE;
    private long received;
    private long sent;
    private boolean ended;

    OpenRecord(
            Start start,
            LongSupplier nanoTime,
            Consumer<AccessLine> lines,
            String protocol,
            String method,
            String target,
            String client) {
        this.start = start;
        this.nanoTime = nanoTime;
        this.lines = lines;
        this.protocol = protocol;
        this.method = method;
        this.target = target;
        this.client = client;
    }

    @Override
    public RequestTrace asks(
            Model model, String callTraceId, Function<String, Optional<String>> headers) {
        modelName = model.config().name();
        modelVersion = model.version();
        traceId =
                callTraceId.isEmpty()
                        ? TraceParent.of(headers).map(TraceParent::traceId).orElse("")
                        : callTraceId;
        return this;
    }

    @Override
    public void named(String id) {
        requestId = id;
    }

    @Override
    public void bytes(long bytesReceived, long bytesSent) {
        received = bytesReceived;
        sent = bytesSent;
    }

    @Override
    public void end(String status) {
        if (ended) {
            return;
        }
        ended = true;
        lines.accept(
                new AccessLine(
                        start.time(),
                        protocol,
                        method,
                        target,
                        client,
                        status,
                        modelName,
                        modelVersion,
                        requestId,
                        traceId,
                        received,
                        sent,
                        queueNanos,
                        compute,
                        nanoTime.getAsLong() - start.nanos()));
    }

    // Of the request.

    @Override
    public void started(InferenceRequest begun) {
        request = begun;
    }

    @Override
    public void queued(long nanos) {
        queuedAt = nanos;
    }

    @Override
    public void computed(long startNanos, ComputeNanos nanos) {
        queueNanos = startNanos - queuedAt;
    }

    @Override
    public void responded(InferenceResponse response) {}

    /** An ensemble says here what its steps took together. */
    @Override
    public void ended(Optional<StatusException> failure) {
        if (request != null) {
            compute = request.compute();
            request = null;
        }
    }

    @Override
    public RequestTrace child(String name, long version) {
        return RequestTrace.NONE;
    }

    @Override
    public String traceId() {
        return traceId;
    }
}
