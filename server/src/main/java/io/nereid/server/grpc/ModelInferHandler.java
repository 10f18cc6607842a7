package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.grpc.GrpcStatus;
import io.nereid.protocol.grpc.ModelInferMethod;
import io.nereid.protocol.grpc.ModelInferReply;
import io.nereid.protocol.grpc.Received;
import io.nereid.server.Admission;

/** Opens a {@link ModelInferCall} for each call of {@code ModelInfer}. Called on event loops. */
final class ModelInferHandler implements ServerCallHandler<Received, ModelInferReply> {
    /** One more than there may be, so that a client which sends two is told so. */
    private static final int REQUESTED_MESSAGES = 2;

    private final MethodDescriptor<Received, ModelInferReply> method;
    private final InferContext context;

    /**
     * @param messages memory for messages
     */
    ModelInferHandler(InferContext context, TensorAllocator messages) {
        this.method = ModelInferMethod.descriptor(messages);
        this.context = context;
    }

    MethodDescriptor<Received, ModelInferReply> method() {
        return method;
    }

    @Override
    public ServerCall.Listener<Received> startCall(
            ServerCall<Received, ModelInferReply> call, Metadata headers) {
        Admission.Place place;
        try {
            place = context.server().admission().enter();
        } catch (StatusException overload) {
            return refused(call, GrpcStatus.of(overload));
        }
        context.compression().applyTo(call);
        call.request(REQUESTED_MESSAGES);
        ModelInferCall infer =
                new ModelInferCall(
                        call,
                        context.currentLoop(),
                        context,
                        place,
                        context.forwardable(headers),
                        new InferNotes(
                                context.server().extensions().tracer(),
                                headers,
                                AccessInterceptor.recordOf(call)));
        InboundBytes.onRefusal(infer::answer);
        return infer;
    }

    /** Ends a call of which no message is asked for. */
    private static ServerCall.Listener<Received> refused(
            ServerCall<Received, ModelInferReply> call, Status refusal) {
        call.close(refusal, GrpcStatus.trailers(refusal));
        return new ServerCall.Listener<>() {};
    }
}
