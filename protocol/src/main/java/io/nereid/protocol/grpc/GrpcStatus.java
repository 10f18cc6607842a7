package io.nereid.protocol.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.nereid.protocol.StatusException;

/** What a gRPC client is told about a failure (gRPC protocol section 2). */
public final class GrpcStatus {
    /** When a client with a retry policy asks again (gRPC proposal A6), in milliseconds. */
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private static final long MILLIS = 1000;

    private GrpcStatus() {}

    /** The status of a call that failed with {@code failure}. */
    public static Status of(StatusException failure) {
        return Status.fromCodeValue(failure.code().grpcCode())
                .withDescription(failure.text())
                .withCause(failure);
    }

    /** What goes along with a status: the time to wait, if it is of a failure that names one. */
    public static Metadata trailers(Status status) {
        Metadata trailers = new Metadata();
        if (status.getCause() instanceof StatusException failure) {
            failure.retryAfterSeconds()
                    .ifPresent(seconds -> trailers.put(PUSHBACK, Long.toString(seconds * MILLIS)));
        }
        return trailers;
    }
}
