package io.nereid.server.netty;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.server.Admission;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on a connection and its answer. Everything but {@link #reply} and the {@link
 * StreamedReply} belongs to the event loop. A request is over when its body has ended and its
 * answer has been written.
 *
 * <p>A body is kept while it is wanted; what is left of it after an early answer is read and thrown
 * away up to {@link #DRAIN_BYTES}, so that the client finds the answer instead of a reset.
 */
public final class HttpExchange {
    private static final Logger log = LoggerFactory.getLogger(HttpExchange.class);

    /** Most bytes of a refused body that are read; a client that sends more is cut off. */
    static final long DRAIN_BYTES = 256L << 20;

    /** A body of more takes its time; what other connections brought does not wait for it. */
    private static final long LARGE_BYTES = 32 << 10;

    /** What a client may go on sending after it was told that its body goes on for too long. */
    private static final long LAST_BYTES = 16L << 20;

    /** Most non-empty chunks of one body (HTTP protocol section 1). */
    static final int MAX_CHUNKS = 65536;

    private enum State {
        OPEN,
        STREAMING,
        ANSWERED,
        ABANDONED
    }

    private enum Body {
        /** Kept, to be handed to the handler. */
        RECEIVING,
        /** Too large; counted to its end, since the answer names its size. */
        COUNTING,
        /** Thrown away. */
        DISCARDING,
        ENDED
    }

    private final HttpConnection connection;
    private final HttpHead head;
    private final ExchangeNotes notes;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    private BodyTicket ticket;
    private Body body;
    private @Nullable BodySink sink;
    private BodyHandler handler = TensorBuffer::close;
    private SizeRule rule = _ -> {};
    private Runnable onDisconnect = () -> {};
    private ToIntFunction<StatusException> errorStatus = failure -> failure.code().httpStatus();
    private Map<String, String> headers = Map.of();
    private @Nullable Future<?> limit;
    private long received;
    private long drained;
    private int chunks;
    private boolean handedOver;
    private boolean mayNeverSendBody;
    private boolean disconnected;
    private boolean keepAlive;
    private boolean replyBegun;
    private boolean eventsBegun;
    private boolean replyWritten;

    HttpExchange(HttpConnection connection, HttpHead head) {
        this.connection = connection;
        this.head = head;
        this.ticket = new BodyTicket(connection.server().admission());
        this.notes = connection.notesOf(head);
        this.keepAlive = head.keepAlive();
        this.body = head.hasBody() ? Body.DISCARDING : Body.ENDED;
        this.mayNeverSendBody = head.hasBody() && head.expectsContinue();
    }

    /**
     * Asks for the body, which is admitted and given its memory before the first byte is read. The
     * handler of a request without body is called at once.
     *
     * @param sizeRule refuses bodies that are too large
     * @param bodyHandler gets the body
     * @throws StatusException if the body is refused; becomes the answer when the routes let it
     *     pass
     */
    public void receive(SizeRule sizeRule, BodyHandler bodyHandler) {
        receive(connection.server().admission(), sizeRule, bodyHandler);
    }

    /**
     * The same for a body that does not compete with those of requests to models.
     *
     * @param room admits the body
     */
    void receive(Admission room, SizeRule sizeRule, BodyHandler bodyHandler) {
        ticket = new BodyTicket(room);
        rule = sizeRule;
        handler = bodyHandler;
        sink = openSink();
        if (!head.hasBody()) {
            handOver();
            return;
        }
        body = Body.RECEIVING;
        if (mayNeverSendBody) {
            mayNeverSendBody = false;
            connection.sendContinue();
        }
    }

    private BodySink openSink() {
        boolean opened = false;
        try {
            TensorAllocator allocator = connection.server().allocator();
            long length = head.contentLength().orElse(0);
            if (!head.chunked()) {
                rule.check(length);
            }
            BodySink made =
                    head.chunked()
                            ? new GrowingBody(allocator, ticket)
                            : new SizedBody(allocator, ticket, length);
            opened = true;
            return made;
        } finally {
            if (!opened) {
                handler.abandon();
            }
        }
    }

    /**
     * A compressed body in its full size, admitted like the body itself.
     *
     * @param limit most bytes that it may have
     * @throws StatusException INVALID_ARG or UNAVAILABLE if it cannot be had
     */
    @Owned
    TensorBuffer inflate(@Owned TensorBuffer compressed, long limit) {
        return new Inflation(connection.server().allocator(), ticket, limit).inflate(compressed);
    }

    /**
     * Notes that the exchange asks a model, and decides whether it is traced. To be called when the
     * head has been checked.
     */
    public void asks(Model model) {
        notes.asks(model);
    }

    /** Has the request that is made of this exchange told of to whoever watches. */
    public void watch(InferenceRequest request) {
        notes.watch(request);
    }

    /** Runs {@code listener} if the connection goes away before the answer has been given whole. */
    public void onDisconnect(Runnable listener) {
        onDisconnect = listener;
    }

    /**
     * Runs {@code event} on the event loop unless the answer has been given whole by then.
     *
     * @param nanos from now
     */
    void limit(long nanos, Runnable event) {
        limit = connection.schedule(nanos, event);
    }

    private void forgetLimit() {
        if (limit != null) {
            limit.cancel(false);
            limit = null;
        }
    }

    /**
     * Headers that the answer is to carry, whatever it will be. To be called before it is given.
     */
    public void addHeaders(Map<String, String> more) {
        headers = Map.copyOf(more);
    }

    /** Other statuses of errors than those of the protocol. To be called before any answer. */
    public void setErrorStatus(ToIntFunction<StatusException> status) {
        errorStatus = status;
    }

    /** Answers with an error; exactly one call, as {@link #reply}. Any thread. */
    public void fail(StatusException failure) {
        reply(error(failure));
    }

    private HttpReply error(StatusException failure) {
        return HttpReply.error(errorStatus.applyAsInt(failure), failure);
    }

    /** Answers; exactly one call. Any thread. */
    public void reply(@Owned PendingReply answer) {
        if (!state.compareAndSet(State.OPEN, State.ANSWERED)) {
            answer.discard();
            refuseSecondAnswer();
            return;
        }
        try {
            connection.onEventLoop(() -> deliver(answer));
        } catch (RejectedExecutionException e) {
            log.debug("answer to {} comes after the event loop has ended", head.path(), e);
            ticket.release();
            answer.discard();
        }
    }

    private void refuseSecondAnswer() {
        if (state.get() != State.ABANDONED) {
            throw new IllegalStateException(head.path() + " was answered twice");
        }
    }

    /**
     * An answer in pieces instead of {@link #reply}. Nothing is decided before its first piece:
     * until then the exchange can still be answered by {@link #reply}. Any thread.
     */
    public StreamedReply stream() {
        return new StreamedReply(connection, this);
    }

    /**
     * Takes the exchange for a streamed answer; false if nobody waits for it any more. Any thread.
     */
    boolean beginStream() {
        boolean begun = state.compareAndSet(State.OPEN, State.STREAMING);
        if (begun) {
            ticket.release();
        } else {
            refuseSecondAnswer();
        }
        return begun;
    }

    /** The last piece has been delivered. */
    void endStream() {
        forgetLimit();
        state.compareAndSet(State.STREAMING, State.ANSWERED);
    }

    /** Whether the request comes from a process of this machine. */
    public boolean isFromThisMachine() {
        return connection.isFromThisMachine();
    }

    HttpHead head() {
        return head;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** Lets the routes decide. */
    void start(HttpRoutes routes) {
        try {
            routes.handle(head, this);
        } catch (StatusException e) {
            refuse(e);
        }
    }

    /** Turns an answer into bytes and hands them to the connection. */
    void deliver(@Owned PendingReply answer) {
        forgetLimit();
        ticket.release();
        if (disconnected) {
            answer.discard();
            return;
        }
        prepareReply();
        connection.write(this, encode(answer));
    }

    /** Called before the first byte of an answer is written. */
    void prepareReply() {
        stopReceiving();
        decideKeepAlive();
    }

    /** The answer's bytes; a failure to make them is told instead. */
    @Owned
    HttpReply encode(@Owned PendingReply answer) {
        try {
            return answer.encode();
        } catch (StatusException e) {
            return error(e);
        }
    }

    /** After an early answer the connection can only go on if the rest of the body will pass. */
    private void decideKeepAlive() {
        if (body == Body.ENDED) {
            return;
        }
        long rest = head.contentLength().orElse(0) - received;
        if (mayNeverSendBody || rest > DRAIN_BYTES) {
            keepAlive = false;
        }
    }

    /** Where the next bytes of the body belong; null if they are to be looked at, or not kept. */
    @Nullable ByteBuf placeOfBody() {
        if (!(sink instanceof SizedBody sized) || sized.missing() == 0) {
            return null;
        }
        if (sized.missing() > LARGE_BYTES) {
            // It is about to be read.
            LoopTurns.endNow();
        }
        return sized.place();
    }

    /** A piece of the body. */
    void content(ByteBuf data) {
        received += data.readableBytes();
        if (received > LARGE_BYTES) {
            LoopTurns.endNow();
        }
        if (head.chunked() && data.isReadable() && ++chunks > MAX_CHUNKS) {
            keepAlive = false;
            refuse(
                    StatusException.invalidArgument(
                            "Chunked request body exceeds maximum of "
                                    + MAX_CHUNKS
                                    + " non-empty chunks. Send fewer or larger HTTP chunks."));
        }
        if (body == Body.RECEIVING) {
            keep(data);
            return;
        }
        drained += data.readableBytes();
        if (drained > DRAIN_BYTES) {
            cutOff();
        }
    }

    private void keep(ByteBuf data) {
        try {
            if (head.chunked()) {
                rule.check(received);
            }
        } catch (StatusException _) {
            stopReceiving();
            body = Body.COUNTING;
            return;
        }
        try {
            if (sink != null) {
                sink.add(data);
            }
        } catch (StatusException e) {
            refuse(e);
        }
    }

    /** The body is complete. */
    void bodyEnded() {
        Body before = body;
        body = Body.ENDED;
        try {
            if (before == Body.COUNTING) {
                rule.check(received);
            } else if (before == Body.RECEIVING) {
                handOver();
            }
        } catch (StatusException e) {
            refuse(e);
        }
    }

    private void handOver() {
        if (sink != null) {
            BodySink complete = sink;
            sink = null;
            handedOver = true;
            notes.received();
            handler.handle(finish(complete));
        }
    }

    private @Owned TensorBuffer finish(BodySink complete) {
        boolean finished = false;
        try {
            TensorBuffer whole = complete.finish();
            finished = true;
            return whole;
        } finally {
            if (!finished) {
                handler.abandon();
            }
        }
    }

    /** The rest of the body cannot be read. */
    void bodyBroken() {
        stopReceiving();
        body = Body.ENDED;
    }

    /** A body that goes on for too long: says so if that is still possible, then ends. */
    private void cutOff() {
        keepAlive = false;
        drained = DRAIN_BYTES - LAST_BYTES;
        if (body != Body.COUNTING) {
            connection.close();
            return;
        }
        try {
            rule.check(received);
        } catch (StatusException e) {
            refuse(e);
        }
    }

    private void refuse(StatusException failure) {
        if (state.get() == State.OPEN) {
            reply(error(failure));
        }
    }

    private void stopReceiving() {
        if (sink != null) {
            sink.close();
            sink = null;
            handler.abandon();
        }
        if (body != Body.ENDED) {
            body = Body.DISCARDING;
        }
    }

    /** The connection is gone. */
    void disconnected() {
        disconnected = true;
        forgetLimit();
        notes.abandoned(received);
        stopReceiving();
        switch (state.get()) {
            case OPEN -> {
                if (handedOver) {
                    onDisconnect.run();
                } else {
                    abandon();
                }
            }
            case STREAMING -> onDisconnect.run();
            case ANSWERED, ABANDONED -> {}
        }
    }

    /** Nobody will answer any more; a late answer, or what is left of one, is thrown away. */
    void abandon() {
        forgetLimit();
        if (state.compareAndSet(State.OPEN, State.ABANDONED)) {
            stopReceiving();
            ticket.release();
        } else if (state.compareAndSet(State.STREAMING, State.ABANDONED)) {
            stopReceiving();
            onDisconnect.run();
        }
    }

    /** Whether nobody waits for the answer. */
    boolean isAbandoned() {
        return disconnected || state.get() == State.ABANDONED;
    }

    boolean isDisconnected() {
        return disconnected;
    }

    void replyBegun(int replyStatus) {
        replyBegun = true;
        notes.sending(replyStatus);
    }

    /** Bytes of the answer's body are written. */
    void sending(long bytes) {
        notes.add(bytes);
    }

    /** The answer that begins is a stream of server-sent events. */
    void eventsBegun() {
        eventsBegun = true;
    }

    /** Whether a server-sent event may be written now, between the others. */
    boolean takesEvents() {
        return eventsBegun && state.get() == State.STREAMING;
    }

    /** Whether bytes of an answer may have been sent. */
    boolean isReplyBegun() {
        return replyBegun;
    }

    void replyWritten() {
        replyWritten = true;
        notes.sent(received);
    }

    boolean isReplyWritten() {
        return replyWritten;
    }

    boolean hasBodyEnded() {
        return body == Body.ENDED;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    /** Ends the connection after this exchange. */
    void closeAfter() {
        keepAlive = false;
    }

    /** Whether the client may be waiting for leave to send its body. */
    boolean bodyMayNeverCome() {
        return mayNeverSendBody;
    }
}
