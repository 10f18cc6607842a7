package io.nereid.server.trace;

import java.util.List;
import java.util.Optional;

/**
 * What was noted of one call of a client, now that everything that it caused has ended. Immutable.
 *
 * @param setting by which it was chosen
 * @param parent the trace that the client says it belongs to
 * @param traceId by which distributed tracing knows it, 32 hexadecimal digits; empty if it does not
 * @param received what the front end noted before the request began
 * @param answered what it noted afterwards
 * @param requests the call's own request first, then those that it caused
 */
public record TracedCall(
        TraceSetting setting,
        Optional<TraceParent> parent,
        String traceId,
        List<TraceEntry.Stamp> received,
        List<TraceEntry.Stamp> answered,
        List<TracedRequest> requests) {
    public TracedCall {
        received = List.copyOf(received);
        answered = List.copyOf(answered);
        requests = List.copyOf(requests);
    }
}
