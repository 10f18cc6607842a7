package io.nereid.protocol.grpc;

import io.grpc.Status;
import io.nereid.protocol.StatusException;

/** What a gRPC client is told about a failure (gRPC protocol section 2). */
public final class GrpcStatus {
    private GrpcStatus() {}

    /** The status of a call that failed with {@code failure}. */
    public static Status of(StatusException failure) {
        return Status.fromCodeValue(failure.code().grpcCode())
                .withDescription(failure.text())
                .withCause(failure);
    }
}
