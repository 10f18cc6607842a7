package io.nereid.load.client.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import java.io.IOException;
import java.io.InputStream;

/** The calls that the load is made of, with bytes for messages. */
final class Methods {
    /** One request, one answer, of which only the size is known. */
    static final MethodDescriptor<OutgoingMessage, Integer> INFER =
            GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder(new Outgoing(), new SizeOnly())
                    .build();

    /** Requests and answers in streams. */
    static final MethodDescriptor<OutgoingMessage, StreamReply> STREAM =
            GRPCInferenceServiceGrpc.getModelStreamInferMethod().toBuilder(
                            new Outgoing(), new Replies())
                    .build();

    private Methods() {}

    private static final class Outgoing implements MethodDescriptor.Marshaller<OutgoingMessage> {
        @Override
        public InputStream stream(OutgoingMessage message) {
            return message.stream();
        }

        @Override
        public OutgoingMessage parse(InputStream stream) {
            throw new IllegalStateException("a client does not read requests");
        }
    }

    private static final class SizeOnly implements MethodDescriptor.Marshaller<Integer> {
        @Override
        public InputStream stream(Integer value) {
            throw new IllegalStateException("a client does not write answers");
        }

        @Override
        public Integer parse(InputStream stream) {
            try {
                return stream.available();
            } catch (IOException e) {
                throw unreadable(e);
            }
        }
    }

    private static final class Replies implements MethodDescriptor.Marshaller<StreamReply> {
        @Override
        public InputStream stream(StreamReply value) {
            throw new IllegalStateException("a client does not write answers");
        }

        @Override
        public StreamReply parse(InputStream stream) {
            try {
                return StreamReply.read(stream);
            } catch (IOException e) {
                throw unreadable(e);
            }
        }
    }

    private static RuntimeException unreadable(IOException e) {
        return Status.INTERNAL
                .withDescription("the answer cannot be read: " + e.getMessage())
                .withCause(e)
                .asRuntimeException();
    }
}
