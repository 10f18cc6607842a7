package io.nereid.server.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.nereid.protocol.StatusException;
import java.io.InputStream;

/**
 * What arrived for a method. gRPC offers a parser no way to refuse a message with a status, and
 * logs one that throws as a fault of the server; so a refusal travels in the place of the message.
 */
sealed interface Decoded<Q> {
    /**
     * The message.
     *
     * @throws StatusException INVALID_ARG if the bytes were none
     */
    Q get();

    /** The method with requests of this kind. */
    static <Q, R> MethodDescriptor<Decoded<Q>, R> method(MethodDescriptor<Q, R> method) {
        return method.toBuilder(new Decoder<>(method), method.getResponseMarshaller()).build();
    }

    /** A message of the right type. */
    record Message<Q>(Q get) implements Decoded<Q> {}

    /** Bytes that are no message of the right type. */
    record Malformed<Q>(StatusException refusal) implements Decoded<Q> {
        @Override
        public Q get() {
            throw refusal;
        }
    }

    /** Reads messages with what the method was generated with. */
    final class Decoder<Q> implements MethodDescriptor.Marshaller<Decoded<Q>> {
        private final MethodDescriptor<Q, ?> method;

        private Decoder(MethodDescriptor<Q, ?> method) {
            this.method = method;
        }

        @Override
        public InputStream stream(Decoded<Q> value) {
            throw new IllegalStateException("a server does not send requests");
        }

        @Override
        public Decoded<Q> parse(InputStream stream) {
            try {
                return new Message<>(method.parseRequest(stream));
            } catch (StatusRuntimeException e) {
                String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
                return new Malformed<>(
                        StatusException.invalidArgument(
                                "failed to parse the request of "
                                        + method.getBareMethodName()
                                        + ": "
                                        + reason));
            }
        }
    }
}
