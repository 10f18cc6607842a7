package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A stream whose replies a test takes one by one, and reads only as many as it wants. */
final class StreamClient {
    private static final int ALL = Integer.MAX_VALUE;

    private final BlockingQueue<ModelStreamInferResponse> replies = new LinkedBlockingQueue<>();
    private final BlockingQueue<Status> ended = new LinkedBlockingQueue<>();
    private final BlockingQueue<Metadata> headers = new LinkedBlockingQueue<>();
    private final ClientCall<byte[], ModelStreamInferResponse> call;

    private StreamClient(Channel channel, Metadata metadata, CallOptions options, int reads) {
        call =
                channel.newCall(
                        RawBytes.requestsOf(GRPCInferenceServiceGrpc.getModelStreamInferMethod()),
                        options);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onHeaders(Metadata received) {
                        headers.add(received);
                    }

                    @Override
                    public void onMessage(ModelStreamInferResponse reply) {
                        replies.add(reply);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.add(status);
                    }
                },
                metadata);
        if (reads > 0) {
            call.request(reads);
        }
    }

    /** A stream that reads all replies as they come. */
    static StreamClient open(Channel channel) {
        return open(channel, new Metadata());
    }

    static StreamClient open(Channel channel, Metadata metadata) {
        return new StreamClient(channel, metadata, CallOptions.DEFAULT, ALL);
    }

    static StreamClient withDeadline(Channel channel, long millis) {
        return new StreamClient(
                channel,
                new Metadata(),
                CallOptions.DEFAULT.withDeadlineAfter(millis, TimeUnit.MILLISECONDS),
                ALL);
    }

    /** A stream that reads nothing until it is told to. */
    static StreamClient thatReadsNothing(Channel channel) {
        return new StreamClient(channel, new Metadata(), CallOptions.DEFAULT, 0);
    }

    void readAll() {
        call.request(ALL);
    }

    StreamClient send(ModelInferRequest... requests) {
        for (ModelInferRequest request : requests) {
            sendBytes(request.toByteArray());
        }
        return this;
    }

    /** Sends what may be no request. */
    StreamClient sendBytes(byte[] bytes) {
        call.sendMessage(bytes);
        return this;
    }

    StreamClient halfClose() {
        call.halfClose();
        return this;
    }

    void cancel() {
        call.cancel("changed my mind", null);
    }

    ModelStreamInferResponse next() throws InterruptedException {
        ModelStreamInferResponse reply = replies.poll(30, TimeUnit.SECONDS);
        assertThat(reply).as("reply").isNotNull();
        return reply;
    }

    /** The metadata that came before the first reply. */
    Metadata headers() throws InterruptedException {
        Metadata received = headers.poll(30, TimeUnit.SECONDS);
        assertThat(received).as("headers").isNotNull();
        return received;
    }

    /** How the call ended. */
    Status status() throws InterruptedException {
        Status status = ended.poll(30, TimeUnit.SECONDS);
        assertThat(status).as("end of the call").isNotNull();
        return status;
    }

    /** Checks that the call ended well and that no reply is left. */
    void assertEndsWithoutMore() throws InterruptedException {
        assertThat(status().getCode()).isEqualTo(Status.Code.OK);
        assertThat(replies).isEmpty();
    }

    boolean hasReplies() {
        return !replies.isEmpty();
    }
}
