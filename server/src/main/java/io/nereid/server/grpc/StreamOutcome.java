package io.nereid.server.grpc;

import io.grpc.Status;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.GrpcStatus;

/**
 * What a model did with a request of a stream, on its way to the stream's event loop. Whoever takes
 * it there owns the response in it.
 */
sealed interface StreamOutcome {
    /** Room for a reply beyond its tensors: the message, the bookkeeping. */
    long OVERHEAD_BYTES = 1024;

    /** The request that it belongs to. */
    StreamRequest request();

    /** Whether the request has ended. */
    boolean last();

    /** Bytes that were taken from the stream's room for it. */
    long heldBytes();

    /** What the access log says of a request that ends so. */
    default Status.Code status() {
        return switch (this) {
            case Failed failed -> GrpcStatus.of(failed.failure()).getCode();
            case Overrun _ -> Status.Code.UNAVAILABLE;
            case Answered _, Completed _ -> Status.Code.OK;
        };
    }

    /** A response. */
    record Answered(StreamRequest request, InferenceResponse response, boolean last, long heldBytes)
            implements StreamOutcome {}

    /** The request ended without a further response. */
    record Completed(StreamRequest request, long heldBytes) implements StreamOutcome {
        @Override
        public boolean last() {
            return true;
        }
    }

    /**
     * The request ended with a failure.
     *
     * @param early whether no model has seen the request
     */
    record Failed(StreamRequest request, StatusException failure, boolean early, long heldBytes)
            implements StreamOutcome {
        @Override
        public boolean last() {
            return true;
        }
    }

    /** There was no room for what the model sent. */
    record Overrun(StreamRequest request, boolean last) implements StreamOutcome {
        @Override
        public long heldBytes() {
            return 0;
        }
    }
}
