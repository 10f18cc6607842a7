package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.nereid.protocol.grpc.ModelInferDecoder;
import io.nereid.protocol.grpc.ModelInferMethod;
import io.nereid.protocol.grpc.ModelInferReply;
import io.nereid.protocol.grpc.Received;
import io.nereid.protocol.http.LabelLookup;
import io.nereid.server.InferenceServer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;

/** Opens a {@link ModelInferCall} for each call of {@code ModelInfer}. Called on event loops. */
final class ModelInferHandler implements ServerCallHandler<Received, ModelInferReply> {
    /** One more than there may be, so that a client which sends two is told so. */
    private static final int REQUESTED_MESSAGES = 2;

    /** What all calls use. */
    record Shared(
            InferenceServer server,
            ModelInferDecoder decoder,
            ClassResults classResults,
            ActiveCalls calls) {}

    private final EventLoopGroup group;
    private final MethodDescriptor<Received, ModelInferReply> method;
    private final Shared shared;

    ModelInferHandler(
            InferenceServer server, ActiveCalls calls, EventLoopGroup group, LabelLookup labels) {
        AdmittedAllocator allocator = new AdmittedAllocator(server.allocator(), server.admission());
        this.group = group;
        this.method = ModelInferMethod.descriptor(allocator);
        this.shared =
                new Shared(
                        server,
                        new ModelInferDecoder(allocator),
                        new ClassResults(server.allocator(), labels),
                        calls);
    }

    MethodDescriptor<Received, ModelInferReply> method() {
        return method;
    }

    @Override
    public ServerCall.Listener<Received> startCall(
            ServerCall<Received, ModelInferReply> call, Metadata headers) {
        call.request(REQUESTED_MESSAGES);
        return new ModelInferCall(call, currentLoop(), shared);
    }

    /** gRPC does not tell the connection's loop, but calls on it. */
    private EventExecutor currentLoop() {
        for (EventExecutor loop : group) {
            if (loop.inEventLoop()) {
                return loop;
            }
        }
        throw new IllegalStateException(
                "call on a thread that is no event loop: " + Thread.currentThread().getName());
    }
}
