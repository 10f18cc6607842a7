package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.grpc.DecodedInfer;
import io.nereid.protocol.grpc.ModelInferDecoder;
import io.nereid.protocol.grpc.ModelInferMessage;
import io.nereid.server.InferenceServer;
import io.nereid.server.security.HeaderForwarding;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What all calls that infer use. Immutable; used on event loops. */
record InferContext(
        InferenceServer server,
        EventLoopGroup loops,
        ModelInferDecoder decoder,
        ActiveCalls calls,
        HeaderForwarding forwarding,
        ReplyCompression compression) {

    /** The metadata of a call of which some may be for models. */
    List<Map.Entry<String, String>> forwardable(Metadata headers) {
        return forwarding == HeaderForwarding.NONE ? List.of() : MetadataEntries.of(headers);
    }

    /**
     * The question that a message asks, with the metadata that is for the model.
     *
     * @param lease of the model that is asked; ended if this fails
     * @param metadata from {@link #forwardable}
     */
    DecodedInfer decode(
            ModelLease lease,
            ModelInferMessage message,
            OptionalLong version,
            List<Map.Entry<String, String>> metadata) {
        boolean decoded = false;
        try {
            DecodedInfer infer =
                    decoder.decode(
                            message, version, request -> forwarding.forward(metadata, request));
            decoded = true;
            return infer;
        } finally {
            if (!decoded) {
                lease.close();
            }
        }
    }

    /** The loop of the connection whose call starts: gRPC does not tell it, but calls on it. */
    EventExecutor currentLoop() {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                return loop;
            }
        }
        throw new IllegalStateException(
                "call on a thread that is no event loop: " + Thread.currentThread().getName());
    }
}
