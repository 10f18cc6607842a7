package io.nereid.server.grpc;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.nereid.server.access.AccessLog;
import io.nereid.server.access.AccessRecord;
import java.util.Objects;

/** Tells the access log of every call. Called on event loops and control threads. */
final class AccessInterceptor implements ServerInterceptor {
    static final String PROTOCOL = "gRPC";
    static final String METHOD = "POST";

    private static final Attributes.Key<AccessRecord> RECORD =
            Attributes.Key.create("access-record");

    private final AccessLog log;

    AccessInterceptor(AccessLog log) {
        this.log = log;
    }

    /** What the access log is told of a call. */
    static AccessRecord recordOf(ServerCall<?, ?> call) {
        return Objects.requireNonNullElse(call.getAttributes().get(RECORD), AccessRecord.NONE);
    }

    /** The address of a call's client. */
    static String client(ServerCall<?, ?> call) {
        return AccessLog.address(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    /** Tells of the calls that {@code next} starts. */
    <Q, R> ServerCallHandler<Q, R> before(ServerCallHandler<Q, R> next) {
        return (call, headers) -> interceptCall(call, headers, next);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        AccessRecord access =
                log.begin(
                        PROTOCOL,
                        METHOD,
                        call.getMethodDescriptor().getFullMethodName(),
                        client(call));
        ServerCall.Listener<Q> listener = next.startCall(new Noted<>(call, access), headers);
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onCancel() {
                access.end(Status.Code.CANCELLED.name());
                super.onCancel();
            }
        };
    }

    private static final class Noted<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final AccessRecord access;

        Noted(ServerCall<Q, R> call, AccessRecord access) {
            super(call);
            this.access = access;
        }

        @Override
        public Attributes getAttributes() {
            return super.getAttributes().toBuilder().set(RECORD, access).build();
        }

        @Override
        public void close(Status status, Metadata trailers) {
            access.end(status.getCode().name());
            super.close(status, trailers);
        }
    }
}
