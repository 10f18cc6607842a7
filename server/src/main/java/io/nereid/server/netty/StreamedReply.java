package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer that is sent piece by piece: chunked over HTTP/1.1, up to the end of the connection
 * over HTTP/1.0. Pieces leave in the order in which they come.
 *
 * <p>{@link #send} and {@link #end} may be called on any thread, by one at a time, and never block.
 * They only put pieces into a queue, which the event loop empties; so a piece that is sent on the
 * event loop cannot overtake one that is still on its way there.
 *
 * <p>What the client has not taken yet is bounded. A model cannot be told to wait, so when more
 * than {@link #MAX_WAITING} bytes wait, the connection is closed and its request with it cancelled.
 */
public final class StreamedReply {
    private static final Logger log = LoggerFactory.getLogger(StreamedReply.class);

    /** Most bytes that may wait for the client when one more piece comes. */
    static final long MAX_WAITING = 16L << 20;

    /** What a piece weighs besides its content. */
    private static final long PIECE_BYTES = 1024;

    private enum State {
        /** Nothing has been sent. */
        NEW,
        BEGUN,
        /** Whatever comes is thrown away. */
        CUT
    }

    private final HttpConnection connection;
    private final HttpExchange exchange;
    private final Queue<Step> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicLong waiting = new AtomicLong();

    /** Set once, read by senders: the event loop has ended. */
    private volatile boolean loopEnded;

    /** Belongs to the senders, of which there is one at a time. */
    private State state = State.NEW;

    StreamedReply(HttpConnection connection, HttpExchange exchange) {
        this.connection = connection;
        this.exchange = exchange;
    }

    private sealed interface Step {}

    private record Piece(PendingReply content, long byteSize) implements Step {}

    private record End() implements Step {}

    /**
     * Sends the next piece. Status and headers of the answer are those of the first piece; those of
     * the others do not matter. A {@code StatusException} from encoding becomes the piece.
     *
     * @param byteSize about how many bytes the piece holds or will be, for the bound
     * @throws IllegalStateException if the exchange was answered already
     */
    public void send(@Owned PendingReply piece, long byteSize) {
        if (state == State.NEW) {
            state = exchange.beginStream() ? State.BEGUN : State.CUT;
        }
        if (state == State.BEGUN && waiting.get() > MAX_WAITING) {
            log.debug("{} is read too slowly, closing", exchange.head().path());
            state = State.CUT;
            connection.close();
        }
        if (state == State.CUT) {
            piece.discard();
            return;
        }
        waiting.addAndGet(byteSize + PIECE_BYTES);
        put(new Piece(piece, byteSize));
    }

    /** Ends the answer; something was sent before. */
    public void end() {
        if (state == State.NEW) {
            throw new IllegalStateException(exchange.head().path() + " is ended before it began");
        }
        if (state == State.BEGUN) {
            put(new End());
        }
    }

    private void put(Step step) {
        queue.add(step);
        if (loopEnded) {
            discardAll();
        } else if (scheduled.compareAndSet(false, true)) {
            try {
                connection.onEventLoop(this::drain);
            } catch (RejectedExecutionException e) {
                log.debug("part of {} comes after the loop's end", exchange.head().path(), e);
                loopEnded = true;
                discardAll();
            }
        }
    }

    private void discardAll() {
        for (Step step = queue.poll(); step != null; step = queue.poll()) {
            if (step instanceof Piece piece) {
                piece.content().discard();
            }
        }
    }

    /** On the event loop. What is added after the flag has been taken back schedules anew. */
    private void drain() {
        scheduled.set(false);
        boolean unflushed = false;
        for (Step step = queue.poll(); step != null; step = queue.poll()) {
            switch (step) {
                case Piece piece -> {
                    deliver(piece);
                    unflushed = true;
                }
                case End _ -> {
                    if (!exchange.isAbandoned()) {
                        exchange.endStream();
                        connection.end(exchange);
                    }
                    unflushed = false;
                }
            }
        }
        if (unflushed) {
            connection.flush();
        }
    }

    private void deliver(Piece piece) {
        if (exchange.isAbandoned()) {
            piece.content().discard();
            return;
        }
        HttpReply reply = exchange.encode(piece.content());
        if (!exchange.isReplyBegun()) {
            exchange.prepareReply();
            connection.begin(exchange, reply);
        }
        long length = reply.contentLength();
        exchange.sending(length);
        waiting.addAndGet(length - piece.byteSize());
        connection.write(reply, () -> waiting.addAndGet(-length - PIECE_BYTES));
    }
}
