package io.nereid.server.grpc;

import io.grpc.ServerCallHandler;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.GrpcStatus;
import io.nereid.server.ControlTasks;
import java.util.function.Function;

/** Methods with one request and one reply. */
final class UnaryCalls {
    private UnaryCalls() {}

    /**
     * A handler that replies with what {@code method} returns, or fails with the {@link
     * StatusException} that it throws, at once on the event loop.
     *
     * @param method must not block
     */
    static <Q, R> ServerCallHandler<Q, R> answeredBy(Function<Q, R> method) {
        return ServerCalls.asyncUnaryCall((request, observer) -> {
            R reply;
            try {
                reply = method.apply(request);
            } catch (StatusException e) {
                fail(observer, e);
                return;
            }
            answer(observer, reply);
        });
    }

    /**
     * The same for a method that blocks: it runs as one of {@code tasks}, and goes on if the client
     * gives up meanwhile, as model control does in the reference.
     */
    static <Q, R> ServerCallHandler<Q, R> answeredOn(ControlTasks tasks, Function<Q, R> method) {
        return ServerCalls.asyncUnaryCall((request, observer) -> {
            if (observer instanceof ServerCallStreamObserver<R> call) {
                // With a handler, an answer to a call that was cancelled is dropped; without one it
                // would throw.
                call.setOnCancelHandler(() -> {});
            }
            tasks.run(
                    () -> method.apply(request),
                    reply -> answer(observer, reply),
                    failure -> fail(observer, failure));
        });
    }

    private static <R> void answer(StreamObserver<R> observer, R reply) {
        observer.onNext(reply);
        observer.onCompleted();
    }

    private static <R> void fail(StreamObserver<R> observer, StatusException failure) {
        observer.onError(GrpcStatus.of(failure).asRuntimeException());
    }
}
