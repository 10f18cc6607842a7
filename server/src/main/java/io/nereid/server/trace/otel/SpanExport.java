package io.nereid.server.trace.otel;

import io.nereid.server.trace.TraceLevel;
import io.nereid.server.trace.TraceSink;
import io.nereid.server.trace.TracedCall;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends traces as spans over OTLP/HTTP, collected in batches by OpenTelemetry's own processor. What
 * finds no room in its queue is dropped by it.
 */
public final class SpanExport implements TraceSink {
    private static final Logger log = LoggerFactory.getLogger(SpanExport.class);
    private static final String TRACER = "triton-server";
    private static final long CLOSE_SECONDS = 10;

    private final SdkTracerProvider provider;
    private final CallSpans spans;
    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * @param resource what the server says of itself
     * @param processor gets the spans; closed with this
     * @param wallMinusMonotonic nanoseconds from the clock of traces to the epoch's
     */
    SpanExport(Map<String, String> resource, SpanProcessor processor, long wallMinusMonotonic) {
        KnownIds ids = new KnownIds();
        this.provider =
                SdkTracerProvider.builder()
                        .setResource(ExportOptions.resource(resource))
                        .setIdGenerator(ids)
                        .addSpanProcessor(processor)
                        .build();
        this.spans = new CallSpans(provider.get(TRACER), ids, wallMinusMonotonic);
    }

    /**
     * Begins to send.
     *
     * @param options of the mode, by the names of {@code --trace-config opentelemetry,}
     * @param wallMinusMonotonic nanoseconds from the clock of traces to the epoch's
     */
    public static SpanExport open(Map<String, String> options, long wallMinusMonotonic) {
        ExportOptions export = ExportOptions.of(options);
        return new SpanExport(export.resource(), export.processor(), wallMinusMonotonic);
    }

    @Override
    public void add(TracedCall call) {
        if (call.setting().levels().contains(TraceLevel.TENSORS)
                && warned.compareAndSet(false, true)) {
            log.error("Tensor level tracing is not supported by the mode: opentelemetry");
        }
        if (call.setting().levels().contains(TraceLevel.TIMESTAMPS)) {
            spans.make(call);
        }
    }

    /** Sends what waits. Blocks, but not for ever. */
    @Override
    public void close() {
        if (!provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS).isSuccess()) {
            log.warn("some spans could not be sent");
        }
    }
}
