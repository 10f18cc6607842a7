package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.grpc.ModelInferMethod;
import io.nereid.protocol.grpc.ModelStreamReply;
import io.nereid.protocol.grpc.Received;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens a {@link ModelStreamCall} for each call of {@code ModelStreamInfer} and knows those that
 * are open. Called on event loops; {@link #stop} on any thread.
 */
final class ModelStreamHandler implements ServerCallHandler<Received, ModelStreamReply> {
    /** One slow reader may hold this part of the room for waiting replies. */
    private static final int STREAMS_THAT_FILL_THE_ROOM = 4;

    private final MethodDescriptor<Received, ModelStreamReply> method;
    private final InferContext context;
    private final ReplyRoom room;
    private final int maxWaitingReplies;
    private final Set<ModelStreamCall> open = ConcurrentHashMap.newKeySet();

    /**
     * @param messages memory for messages
     * @param maxWaitingReplies of one stream, before no further requests are read
     */
    ModelStreamHandler(InferContext context, TensorAllocator messages, int maxWaitingReplies) {
        long maxBytes = context.server().admission().maxBytes();
        this.method = ModelInferMethod.streamDescriptor(messages);
        this.context = context;
        this.room = new ReplyRoom(maxBytes, maxBytes / STREAMS_THAT_FILL_THE_ROOM);
        this.maxWaitingReplies = maxWaitingReplies;
    }

    MethodDescriptor<Received, ModelStreamReply> method() {
        return method;
    }

    @Override
    public ServerCall.Listener<Received> startCall(
            ServerCall<Received, ModelStreamReply> call, Metadata headers) {
        context.compression().applyTo(call);
        ModelStreamCall stream =
                new ModelStreamCall(
                        call,
                        context,
                        StreamTerms.of(headers, context, maxWaitingReplies),
                        room.share(),
                        open::remove);
        InboundBytes.onRefusal(stream::end);
        open.add(stream);
        stream.start();
        return stream;
    }

    /** Ends every stream as soon as it has answered what it was asked. */
    void stop() {
        open.forEach(ModelStreamCall::stop);
    }

    /** Bytes of replies that wait in all streams. */
    long waitingBytes() {
        return room.heldBytes();
    }
}
