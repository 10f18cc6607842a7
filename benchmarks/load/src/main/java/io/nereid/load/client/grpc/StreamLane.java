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

/**
 * A stream that carries one request at a time, and is opened again when it breaks. A request has
 * ended with its final response, or with the first one if its model is not decoupled. Confined to
 * its loop.
 */
final class StreamLane implements Lane {
    private final Channel channel;
    private final Loop loop;
    private final GrpcRequests requests;
    private final boolean decoupled;
    private final Metadata headers;
    private @Nullable Answers stream;
    private @Nullable ReplyListener listener;
    private String id = "";
    private long requestNumber;
    private long sentNanos;
    private long firstNanos;
    private int responses;

    StreamLane(
            Channel channel,
            Loop loop,
            GrpcRequests requests,
            boolean decoupled,
            Metadata headers) {
        this.channel = channel;
        this.loop = loop;
        this.requests = requests;
        this.decoupled = decoupled;
        this.headers = headers;
    }

    @Override
    public void send(int request, Optional<SequenceStep> step, ReplyListener replyListener) {
        listener = replyListener;
        firstNanos = 0;
        responses = 0;
        Answers open = stream;
        if (open == null) {
            open = open();
        }
        // Replies of a request that failed may still come: ids tell them from those of the next.
        id = Long.toString(requestNumber++);
        open.call.sendMessage(
                decoupled ? requests.message(request, step, id) : requests.message(request, step));
        sentNanos = System.nanoTime();
    }

    @Override
    public void close() {
        if (stream != null) {
            if (listener == null) {
                stream.call.halfClose();
            } else {
                stream.call.cancel("the measurement is over", null);
            }
        }
        listener = null;
        stream = null;
    }

    private Answers open() {
        ClientCall<OutgoingMessage, StreamReply> call =
                channel.newCall(Methods.STREAM, CallOptions.DEFAULT);
        Answers answers = new Answers(call);
        stream = answers;
        Metadata own = new Metadata();
        own.merge(headers);
        call.start(answers, own);
        call.request(Integer.MAX_VALUE);
        return answers;
    }

    private void take(StreamReply reply, long now) {
        ReplyListener waiting = listener;
        if (waiting == null || (decoupled && !reply.id().equals(id))) {
            return;
        }
        if (firstNanos == 0) {
            firstNanos = now;
        }
        // The final response may be nothing but that.
        responses += reply.hasOutputs() ? 1 : 0;
        if (!reply.error().isEmpty()) {
            listener = null;
            waiting.failed(reply.error(), true);
        } else if (reply.last() || !decoupled) {
            listener = null;
            waiting.succeeded(
                    Math.min(sentNanos, firstNanos), firstNanos, System.nanoTime(), responses);
        }
    }

    private void end(Answers ended, Status status) {
        if (!ended.equals(stream)) {
            return;
        }
        stream = null;
        ReplyListener waiting = listener;
        if (waiting != null) {
            listener = null;
            waiting.failed(
                    status.isOk()
                            ? "the stream was closed by the server"
                            : Failures.describe(status),
                    !status.isOk() && Failures.isAnswer(status));
        }
    }

    /** What comes back. Called by gRPC, on the loop once there is a connection. */
    private final class Answers extends ClientCall.Listener<StreamReply> {
        private final ClientCall<OutgoingMessage, StreamReply> call;

        Answers(ClientCall<OutgoingMessage, StreamReply> call) {
            this.call = call;
        }

        @Override
        public void onMessage(StreamReply reply) {
            long now = System.nanoTime();
            loop.execute(() -> take(reply, now));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> end(this, status));
        }
    }
}
