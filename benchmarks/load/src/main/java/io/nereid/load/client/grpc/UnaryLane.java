package io.nereid.load.client.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.nereid.load.client.Lane;
import io.nereid.load.client.Loop;
import io.nereid.load.client.ReplyListener;
import io.nereid.load.client.SequenceStep;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A call for each request. Confined to its loop. */
final class UnaryLane implements Lane {
    /** One answer is expected; asking for a second lets a call end at once. */
    private static final int EXPECTED = 2;

    private final Channel channel;
    private final Loop loop;
    private final GrpcRequests requests;
    private final Metadata headers;
    private @Nullable Answer current;

    UnaryLane(Channel channel, Loop loop, GrpcRequests requests, Metadata headers) {
        this.channel = channel;
        this.loop = loop;
        this.requests = requests;
        this.headers = headers;
    }

    @Override
    public void send(int request, Optional<SequenceStep> step, ReplyListener listener) {
        ClientCall<OutgoingMessage, Integer> call =
                channel.newCall(Methods.INFER, CallOptions.DEFAULT);
        Answer answer = new Answer(call, listener);
        current = answer;
        Metadata own = new Metadata();
        own.merge(headers);
        call.start(answer, own);
        call.request(EXPECTED);
        call.sendMessage(requests.message(request, step));
        call.halfClose();
        answer.sentNanos = System.nanoTime();
    }

    @Override
    public void close() {
        if (current != null) {
            current.abandon();
        }
    }

    /** What becomes of one call. Called by gRPC, on the loop once there is a connection. */
    private final class Answer extends ClientCall.Listener<Integer> {
        private final ClientCall<OutgoingMessage, Integer> call;
        private final ReplyListener listener;
        private long sentNanos;
        private long firstNanos;
        private boolean abandoned;

        Answer(ClientCall<OutgoingMessage, Integer> call, ReplyListener listener) {
            this.call = call;
            this.listener = listener;
        }

        void abandon() {
            abandoned = true;
            call.cancel("the measurement is over", null);
        }

        @Override
        public void onHeaders(Metadata received) {
            firstNanos = System.nanoTime();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            long now = System.nanoTime();
            loop.execute(() -> end(status, now));
        }

        private void end(Status status, long now) {
            current = null;
            if (abandoned) {
                return;
            }
            if (status.isOk()) {
                listener.succeeded(Math.min(sentNanos, firstNanos), firstNanos, now, 1);
            } else {
                listener.failed(Failures.describe(status), Failures.isAnswer(status));
            }
        }
    }
}
