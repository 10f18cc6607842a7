package io.nereid.server.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.GrpcStatus;
import io.nereid.server.Admission;
import io.nereid.server.netty.LoopTurns;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Counts what has arrived of a call's message as bytes in flight until the message is whole.
 *
 * <p>gRPC collects a message in the transport's memory, tells nobody how long it will be, and gives
 * the client its flow-control window back as it goes. So this is what bounds that memory: a message
 * for which there is no room any more ends its call. When a message is whole it is moved into a
 * block, which counts from then on. Used on the call's event loop.
 */
final class InboundBytes extends ServerStreamTracer {
    /** What each call may hold without being counted: less than its flow-control window. */
    private static final long UNCOUNTED = 64 * 1024;

    private static final Context.Key<InboundBytes> OF_CALL = Context.key("inbound-bytes");

    private final Admission admission;
    private Consumer<Status> end = _ -> {};
    private long arrived;
    private long reserved;
    private boolean refused;

    private InboundBytes(Admission admission) {
        this.admission = admission;
    }

    /**
     * Tells the call that starts on this thread when there is no room for its message; then it must
     * end with the status it is given. The latest to ask for a call is told. Calls that are no
     * stream of gRPC's have their messages in blocks from the start and are told otherwise.
     */
    static void onRefusal(Consumer<Status> end) {
        InboundBytes ofCall = OF_CALL.get();
        if (ofCall != null) {
            ofCall.end = end;
        }
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(OF_CALL, this);
    }

    @Override
    public void inboundWireSize(long byteSize) {
        arrived += byteSize;
        if (arrived > UNCOUNTED && !refused) {
            LoopTurns.endNow();
            try {
                admission.extend(reserved, arrived);
                reserved = arrived;
            } catch (StatusException noRoom) {
                refused = true;
                give();
                end.accept(GrpcStatus.of(noRoom));
            }
        }
    }

    @Override
    public void inboundMessageRead(int number, long wireSize, long uncompressedSize) {
        arrived = 0;
        give();
    }

    @Override
    public void streamClosed(Status status) {
        give();
    }

    private void give() {
        if (reserved > 0) {
            admission.release(reserved);
            reserved = 0;
        }
    }

    /** Gives each call its own. */
    static final class Factory extends ServerStreamTracer.Factory {
        private final Set<String> inferring;
        private final Admission inference;
        private final Admission others;

        /**
         * @param inferring full names of the methods whose messages are requests to models; all
         *     others are an operator's, who is heard while requests to models are refused
         * @param inference room for requests to models
         * @param others room for all others
         */
        Factory(Set<String> inferring, Admission inference, Admission others) {
            this.inferring = inferring;
            this.inference = inference;
            this.others = others;
        }

        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            return new InboundBytes(inferring.contains(method) ? inference : others);
        }
    }
}
