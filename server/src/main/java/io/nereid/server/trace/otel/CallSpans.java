package io.nereid.server.trace.otel;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.nereid.server.trace.TraceEntry;
import io.nereid.server.trace.TraceEntry.Stamp;
import io.nereid.server.trace.TraceParent;
import io.nereid.server.trace.TracedCall;
import io.nereid.server.trace.TracedRequest;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Makes the spans of a call (the table of metrics section 12). Used by one thread. */
final class CallSpans {
    private static final String ROOT = "InferRequest";
    private static final String COMPUTE = "compute";
    private static final String COMPUTE_EVENTS = "COMPUTE_";

    private final Tracer tracer;
    private final KnownIds ids;
    private final long wallMinusMonotonic;

    CallSpans(Tracer tracer, KnownIds ids, long wallMinusMonotonic) {
        this.tracer = tracer;
        this.ids = ids;
        this.wallMinusMonotonic = wallMinusMonotonic;
    }

    void make(TracedCall call) {
        List<Stamp> front =
                Stream.concat(call.received().stream(), call.answered().stream()).toList();
        if (front.isEmpty()) {
            return;
        }
        ids.setNext(call.traceId());
        Context parent = call.parent().map(CallSpans::contextOf).orElse(Context.root());
        Span root = begin(ROOT, parent, front);
        Map<Long, Context> contexts = new HashMap<>();
        for (TracedRequest request : call.requests()) {
            if (request.started()) {
                Context above = contexts.getOrDefault(request.parentId(), parent.with(root));
                contexts.put(request.id(), request(request, above));
            }
        }
        end(root, front);
    }

    /** A request's span with its compute span; the context of those that it caused. */
    private Context request(TracedRequest request, Context above) {
        List<Stamp> stamps =
                request.entries().stream()
                        .flatMap(entry ->
                                entry instanceof Stamp stamp ? Stream.of(stamp) : Stream.of())
                        .toList();
        List<Stamp> own = stamps.stream().filter(stamp -> !isCompute(stamp)).toList();
        List<Stamp> computing = stamps.stream().filter(CallSpans::isCompute).toList();
        Span span = begin(request.modelName(), above, own);
        span.setAttribute("triton.model_name", request.modelName());
        span.setAttribute("triton.model_version", request.modelVersion());
        span.setAttribute("triton.trace_id", request.id());
        span.setAttribute("triton.trace_parent_id", request.parentId());
        if (!request.requestId().isEmpty()) {
            span.setAttribute("triton.request_id", request.requestId());
        }
        request.failure().ifPresent(failure -> span.setStatus(StatusCode.ERROR, failure));
        Context context = above.with(span);
        if (!computing.isEmpty()) {
            end(begin(COMPUTE, context, computing), computing);
        }
        end(span, own);
        return context;
    }

    private static boolean isCompute(TraceEntry.Stamp stamp) {
        return stamp.name().startsWith(COMPUTE_EVENTS);
    }

    private Span begin(String name, Context parent, List<Stamp> stamps) {
        return tracer.spanBuilder(name)
                .setParent(parent)
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(wall(stamps.getFirst()), NANOSECONDS)
                .startSpan();
    }

    private void end(Span span, List<Stamp> stamps) {
        stamps.forEach(stamp -> span.addEvent(stamp.name(), wall(stamp), NANOSECONDS));
        span.end(wall(stamps.getLast()), NANOSECONDS);
    }

    private long wall(Stamp stamp) {
        return stamp.nanos() + wallMinusMonotonic;
    }

    private static Context contextOf(TraceParent parent) {
        return Context.root()
                .with(
                        Span.wrap(
                                SpanContext.createFromRemoteParent(
                                        parent.traceId(),
                                        parent.spanId(),
                                        parent.sampled()
                                                ? TraceFlags.getSampled()
                                                : TraceFlags.getDefault(),
                                        state(parent.state()))));
    }

    /** Whoever has added an entry last stands first; so does what is put last. */
    private static TraceState state(String header) {
        TraceStateBuilder state = TraceState.builder();
        List<String> entries = Arrays.asList(header.split(","));
        for (String entry : entries.reversed()) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                state.put(entry.substring(0, equals).strip(), entry.substring(equals + 1).strip());
            }
        }
        return state.build();
    }
}
