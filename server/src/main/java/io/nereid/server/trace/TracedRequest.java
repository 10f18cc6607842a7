package io.nereid.server.trace;

import java.util.List;
import java.util.Optional;

/**
 * What was noted of one request to a model. Immutable.
 *
 * @param id number of the trace in this process, from 1
 * @param parentId that of the request that caused it, 0 if it came from a client
 * @param requestId as the client gave it, empty if it gave none
 * @param started whether the request reached its model
 * @param failure why it failed, if it did
 */
public record TracedRequest(
        long id,
        long parentId,
        String modelName,
        long modelVersion,
        String requestId,
        boolean started,
        List<TraceEntry> entries,
        Optional<String> failure) {
    public TracedRequest {
        entries = List.copyOf(entries);
    }
}
