package io.nereid.server.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.nereid.protocol.grpc.GrpcStatus;

/**
 * Ends calls whose message has no room, for methods whose handlers do not know of that; what such a
 * handler still answers is dropped. Calls start on event loops, and answer on any thread.
 */
final class RefusableCalls implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Refusable<Q, R> refusable = new Refusable<>(call);
        InboundBytes.onRefusal(refusable::refuse);
        return next.startCall(refusable, headers);
    }

    /** Its lock is there because a call must be used by one thread at a time. */
    private static final class Refusable<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private boolean ended;

        Refusable(ServerCall<Q, R> call) {
            super(call);
        }

        synchronized void refuse(Status refusal) {
            if (!ended) {
                super.close(refusal, GrpcStatus.trailers(refusal));
                ended = true;
            }
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!ended) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(R reply) {
            if (!ended) {
                super.sendMessage(reply);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!ended) {
                ended = true;
                super.close(status, trailers);
            }
        }
    }
}
