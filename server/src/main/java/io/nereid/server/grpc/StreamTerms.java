package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.nereid.server.access.AccessLog;
import io.nereid.server.access.AccessRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What holds for all requests of a stream.
 *
 * @param headers of the call
 * @param metadata of which some may be for models
 * @param failsAsAWhole whether the first failure of a model ends the stream with its status
 * @param maxWaitingReplies before no further requests are read
 */
record StreamTerms(
        Metadata headers,
        List<Map.Entry<String, String>> metadata,
        boolean failsAsAWhole,
        int maxWaitingReplies) {
    private static final String GRPC_ERROR = "triton_grpc_error";

    static StreamTerms of(Metadata headers, InferContext context, int maxWaitingReplies) {
        return new StreamTerms(
                headers,
                context.forwardable(headers),
                MetadataEntries.first(headers, GRPC_ERROR).equals(Optional.of("true")),
                maxWaitingReplies);
    }

    /** Notes of a request that is awaited now; the access log has a line for each. */
    InferNotes notes(ServerCall<?, ?> call, InferContext context) {
        AccessLog log = context.server().extensions().access();
        AccessRecord access =
                log.isOn()
                        ? log.begin(
                                AccessInterceptor.PROTOCOL,
                                AccessInterceptor.METHOD,
                                call.getMethodDescriptor().getFullMethodName(),
                                AccessInterceptor.client(call))
                        : AccessRecord.NONE;
        return new InferNotes(context.server().extensions().tracer(), headers, access);
    }
}
