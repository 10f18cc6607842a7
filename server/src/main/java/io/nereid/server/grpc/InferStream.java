package io.nereid.server.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.grpc.ArrivingMessage;
import io.nereid.protocol.grpc.ModelInferReply;
import io.nereid.protocol.grpc.Received;
import io.nereid.server.netty.LoopTurns;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call of {@code ModelInfer} as a stream of HTTP/2, in the place of gRPC's own: the message comes
 * into its block as it arrives, and the answer is sent from tensor memory. Used on the connection's
 * event loop.
 */
final class InferStream extends ServerCall<Received, ModelInferReply> {
    private static final Logger log = LoggerFactory.getLogger(InferStream.class);
    private static final ServerCall.Listener<Received> NOBODY = new ServerCall.Listener<>() {};

    /** What takes longer than small requests that came in the same turn may wait. */
    private static final long LARGE = 64 * 1024;

    private enum State {
        /** Waits for its answer. */
        OPEN,
        /** Has its answer, which has not left yet. */
        ENDING,
        /** The answer has left. */
        ANSWERED,
        /** There is no such stream any more. */
        OVER
    }

    /**
     * What all calls have in common.
     *
     * @param calls starts calls
     * @param messages memory for messages
     * @param answer headers of answers with a message
     */
    record Terms(
            ServerCallHandler<Received, ModelInferReply> calls,
            MethodDescriptor<Received, ModelInferReply> method,
            TensorAllocator messages,
            Http2Headers answer) {}

    private final InferConnection connection;
    private final Http2Stream stream;
    private final Terms terms;
    private final ArrivingMessage message;
    private final Optional<Deadline> deadline;
    private Optional<Future<?>> expiry = Optional.empty();
    private ServerCall.Listener<Received> listener = NOBODY;
    private State state = State.OPEN;
    private boolean headersSent;
    private boolean halfClosed;

    InferStream(
            InferConnection connection,
            Http2Stream stream,
            Optional<Deadline> deadline,
            Terms terms) {
        this.connection = connection;
        this.stream = stream;
        this.terms = terms;
        this.message = new ArrivingMessage(terms.messages());
        this.deadline = deadline;
    }

    /** The headers are there. */
    void start(Metadata headers) {
        expiry =
                deadline.map(end ->
                        connection
                                .loop()
                                .schedule(
                                        this::reset,
                                        end.timeRemaining(TimeUnit.NANOSECONDS),
                                        TimeUnit.NANOSECONDS));
        tell(() -> listener = terms.calls().startCall(this, headers));
    }

    /** Cancels the call, at once and not only when the client has been told. */
    void reset() {
        if (!isCancelled()) {
            connection.reset(stream);
            closed();
        }
    }

    /** More of the call's messages is there. */
    void data(ByteBuf data, boolean last) {
        if (message.byteSize() > LARGE) {
            LoopTurns.endNow();
        }
        tell(() -> receive(data.nioBuffer()));
        if (last) {
            halfClosed();
        }
    }

    private void receive(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining() && state == State.OPEN) {
                if (message.take(bytes)) {
                    listener.onMessage(message.whole());
                }
            }
        } catch (StatusException refusal) {
            refuse(refusal);
        }
    }

    private void refuse(StatusException refusal) {
        tell(() -> listener.onMessage(new Received.Refused(refusal)));
        halfClose();
    }

    /** The client sends no more. */
    void halfClosed() {
        if (message.isBegun() && state == State.OPEN) {
            refuse(
                    new StatusException(
                            StatusCode.INTERNAL, "the call ended in the middle of its message"));
        } else {
            halfClose();
        }
    }

    private void halfClose() {
        if (state == State.OPEN && !halfClosed) {
            halfClosed = true;
            tell(listener::onHalfClose);
        }
    }

    /** There is no such stream any more. */
    void closed() {
        if (isCancelled()) {
            return;
        }
        State before = state;
        state = State.OVER;
        expiry.ifPresent(timer -> timer.cancel(false));
        message.close();
        if (before == State.ANSWERED) {
            tell(listener::onComplete);
        } else {
            deadline.ifPresentOrElse(this::cancelledBy, () -> tell(listener::onCancel));
        }
    }

    /** Lets the listener know of the deadline, which may be why. */
    private void cancelledBy(Deadline end) {
        Context.CancellableContext context = Context.ROOT.withDeadline(end, connection.loop());
        try {
            context.run(() -> tell(listener::onCancel));
        } finally {
            context.cancel(null);
        }
    }

    private void tell(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException | Error failure) {
            log.error("a call of ModelInfer", failure);
            if (state == State.OPEN) {
                close(
                        Status.UNKNOWN.withDescription("Application error processing RPC"),
                        new Metadata());
            }
        }
    }

    /** All messages are handed over, however many are asked for: a call has one. */
    @Override
    public void request(int numMessages) {}

    @Override
    public void sendHeaders(Metadata headers) {
        headersSent = true;
        if (!isCancelled()) {
            connection.write(stream, terms.answer());
        }
    }

    /** Keeps what it needs of the reply's memory until that has been sent, or cannot be. */
    @Override
    public void sendMessage(ModelInferReply reply) {
        if (isCancelled()) {
            return;
        }
        boolean sent = false;
        try {
            connection.write(
                    stream,
                    ReplyBuffers.of(reply, connection.allocator(), terms.messages().copies()));
            sent = true;
        } finally {
            if (!sent) {
                reset();
            }
        }
    }

    @Override
    public void close(Status status, Metadata trailers) {
        if (!isCancelled()) {
            state = State.ENDING;
        }
        message.close();
        if (headersSent) {
            end(InferHeaders.trailers(status, trailers));
        } else {
            // Not while a frame is read, which may be the client's last: nothing would be sent.
            Http2Headers answer = InferHeaders.ofAnswerWithoutMessage(status, trailers);
            connection.loop().execute(() -> end(answer));
        }
    }

    private void end(Http2Headers last) {
        if (!isCancelled()) {
            connection.end(stream, last, this::left);
        }
    }

    private void left(boolean whole) {
        if (whole && !isCancelled()) {
            state = State.ANSWERED;
        }
    }

    @Override
    public boolean isCancelled() {
        return state == State.OVER;
    }

    @Override
    public Attributes getAttributes() {
        return connection.attributes();
    }

    @Override
    public MethodDescriptor<Received, ModelInferReply> getMethodDescriptor() {
        return terms.method();
    }
}
