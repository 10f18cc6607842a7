package io.nereid.server.grpc;

import io.grpc.Metadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What holds for all requests of a stream.
 *
 * @param metadata of which some may be for models
 * @param failsAsAWhole whether the first failure of a model ends the stream with its status
 * @param maxWaitingReplies before no further requests are read
 */
record StreamTerms(
        List<Map.Entry<String, String>> metadata, boolean failsAsAWhole, int maxWaitingReplies) {
    private static final String GRPC_ERROR = "triton_grpc_error";

    static StreamTerms of(Metadata headers, InferContext context, int maxWaitingReplies) {
        return new StreamTerms(
                context.forwardable(headers),
                MetadataEntries.first(headers, GRPC_ERROR).equals(Optional.of("true")),
                maxWaitingReplies);
    }
}
