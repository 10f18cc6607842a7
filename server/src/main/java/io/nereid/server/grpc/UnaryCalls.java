package io.nereid.server.grpc;

import io.grpc.ServerCallHandler;
import io.grpc.stub.ServerCalls;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.GrpcStatus;
import java.util.function.Function;

/** Methods with one request and one reply that are answered at once, on the event loop. */
final class UnaryCalls {
    private UnaryCalls() {}

    /**
     * A handler that replies with what {@code method} returns, or fails with the {@link
     * StatusException} that it throws.
     *
     * @param method must not block
     */
    static <Q, R> ServerCallHandler<Q, R> answeredBy(Function<Q, R> method) {
        return ServerCalls.asyncUnaryCall((request, observer) -> {
            R reply;
            try {
                reply = method.apply(request);
            } catch (StatusException e) {
                observer.onError(GrpcStatus.of(e).asRuntimeException());
                return;
            }
            observer.onNext(reply);
            observer.onCompleted();
        });
    }
}
