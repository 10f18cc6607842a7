package io.nereid.protocol.grpc;

import io.grpc.MethodDescriptor;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import java.io.InputStream;

/**
 * The methods {@code ModelInfer} and {@code ModelStreamInfer} as the server sees them: tensors stay
 * in native memory.
 */
public final class ModelInferMethod {
    private ModelInferMethod() {}

    /**
     * A descriptor whose requests are read into the allocator's blocks and whose replies are
     * written from tensor memory. Requests belong to whoever gets them; replies are borrowed while
     * they are written, which gRPC has done when {@code sendMessage} returns.
     */
    public static MethodDescriptor<Received, ModelInferReply> descriptor(
            TensorAllocator allocator) {
        return GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder(
                        new RequestMarshaller(allocator), new ReplyMarshaller())
                .build();
    }

    /** The same for the messages of {@code ModelStreamInfer}. */
    public static MethodDescriptor<Received, ModelStreamReply> streamDescriptor(
            TensorAllocator allocator) {
        return GRPCInferenceServiceGrpc.getModelStreamInferMethod().toBuilder(
                        new RequestMarshaller(allocator), new StreamReplyMarshaller())
                .build();
    }

    private static final class RequestMarshaller implements MethodDescriptor.Marshaller<Received> {
        private final MessageReader reader;

        RequestMarshaller(TensorAllocator allocator) {
            this.reader = new MessageReader(allocator);
        }

        @Override
        public InputStream stream(Received value) {
            throw new IllegalStateException("a server does not send requests");
        }

        @Override
        public Received parse(InputStream stream) {
            try {
                return ModelInferMessage.parse(reader.read(stream));
            } catch (StatusException e) {
                return new Received.Refused(e);
            }
        }
    }

    private static final class ReplyMarshaller
            implements MethodDescriptor.Marshaller<ModelInferReply> {
        @Override
        public InputStream stream(ModelInferReply reply) {
            return new ReplyStream(reply.byteSize(), reply::writeTo);
        }

        @Override
        public ModelInferReply parse(InputStream stream) {
            throw new IllegalStateException("a server does not read replies");
        }
    }

    private static final class StreamReplyMarshaller
            implements MethodDescriptor.Marshaller<ModelStreamReply> {
        @Override
        public InputStream stream(ModelStreamReply reply) {
            return new ReplyStream(reply.byteSize(), reply::writeTo);
        }

        @Override
        public ModelStreamReply parse(InputStream stream) {
            throw new IllegalStateException("a server does not read replies");
        }
    }
}
