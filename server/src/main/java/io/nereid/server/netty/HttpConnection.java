package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.server.InferenceServer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection, or one stream of HTTP/2: requests one after the other, answers in order.
 * Lives on one event loop.
 *
 * <p>Reading goes on while a request is processed, because only then a closed connection is
 * noticed; what arrives meanwhile waits, and beyond {@link #WAITING_BYTES} reading stops.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter implements OpenConnection {
    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "0:0:0:0:0:0:0:1");

    private static final long WAITING_BYTES = 64 << 10;

    /** What a message weighs besides its content. */
    private static final long MESSAGE_BYTES = 128;

    /** How long a client that was refused may go on sending before it is cut off. */
    private static final long LINGER_SECONDS = 10;

    private final HttpRoutes routes;
    private final InferenceServer server;
    private final Connections connections;
    private final boolean stream;

    private final Deque<HttpObject> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean handling;
    private boolean closing;
    private boolean stopping;
    private boolean inputEnded;
    private @Nullable HttpExchange current;
    private @Nullable ChannelHandlerContext context;

    /**
     * @param stream whether it is a stream of HTTP/2, whose answers are sent in frames
     */
    HttpConnection(
            HttpRoutes routes, InferenceServer server, Connections connections, boolean stream) {
        this.routes = routes;
        this.server = server;
        this.connections = connections;
        this.stream = stream;
    }

    InferenceServer server() {
        return server;
    }

    /** What is noted of an exchange that begins. */
    ExchangeNotes notesOf(HttpHead head) {
        return new ExchangeNotes(server.extensions(), head, context().channel());
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("connection is not active yet");
        }
        return context;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        connections.add(this);
    }

    /** The client turned out to speak HTTP/2. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        connections.remove(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        try {
            if (current != null) {
                current.disconnected();
            }
        } finally {
            connections.remove(this);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        HttpObject object = (HttpObject) message;
        if (closing) {
            ReferenceCountUtil.release(object);
            return;
        }
        waiting.add(object);
        waitingBytes += weight(object);
        handleWaiting();
        if (waitingBytes > WAITING_BYTES) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** Whether a request is to come next, or in a while. */
    boolean awaitsHead() {
        return current == null || current.hasBodyEnded();
    }

    /**
     * Where the next bytes of the body belong that is arriving; null if there is no such place, or
     * others come before them.
     */
    @Nullable ByteBuf placeOfBody() {
        return current == null || closing || !waiting.isEmpty() ? null : current.placeOfBody();
    }

    /** A loop, not a recursion: an answer given at once makes room for the next request. */
    private void handleWaiting() {
        if (handling) {
            return;
        }
        handling = true;
        try {
            HttpObject next = waiting.peek();
            while (next != null && mayHandle(next)) {
                waiting.remove();
                waitingBytes -= weight(next);
                handle(next);
                next = waiting.peek();
            }
        } finally {
            handling = false;
        }
        if (waitingBytes <= WAITING_BYTES && !closing) {
            context().channel().config().setAutoRead(true);
        }
    }

    private boolean mayHandle(HttpObject object) {
        return current == null || (!(object instanceof HttpRequest) && !current.hasBodyEnded());
    }

    private static long weight(HttpObject object) {
        return MESSAGE_BYTES
                + (object instanceof HttpContent content ? content.content().readableBytes() : 0);
    }

    private void handle(@Owned HttpObject object) {
        try {
            if (closing) {
                return;
            }
            if (object.decoderResult().isFailure()) {
                malformed(object);
            } else if (object instanceof HttpRequest request) {
                begin(HttpHead.of(request));
            } else if (object instanceof HttpContent content && current != null) {
                current.content(content.content());
                if (object instanceof LastHttpContent) {
                    current.bodyEnded();
                    advance();
                }
            }
        } finally {
            ReferenceCountUtil.release(object);
        }
    }

    private void begin(HttpHead head) {
        HttpExchange exchange = new HttpExchange(this, head);
        current = exchange;
        if (stopping) {
            exchange.closeAfter();
        }
        if (HeadRules.isTooLong(head)) {
            exchange.closeAfter();
            exchange.reply(
                    HttpReply.error(
                            400,
                            "a line of the request head is longer than "
                                    + StrictRequestDecoder.LONGEST_ELEMENT
                                    + " bytes"));
        } else {
            exchange.start(routes);
        }
    }

    /** Answers what is no HTTP, if nothing else is being answered, and ends the connection. */
    private void malformed(HttpObject object) {
        Throwable cause = object.decoderResult().cause();
        log.debug("malformed request", cause);
        if (object instanceof HttpRequest request) {
            current = new HttpExchange(this, HttpHead.withoutBody(request));
        }
        closing = true;
        if (current == null) {
            close();
            return;
        }
        current.closeAfter();
        current.bodyBroken();
        if (current.isReplyBegun()) {
            advance();
        } else {
            current.reply(HttpReply.error(400, HeadRules.describe(object, cause)));
        }
    }

    /** Gives leave to send a body. */
    void sendContinue() {
        var _ =
                context()
                        .writeAndFlush(
                                new DefaultFullHttpResponse(
                                        HttpVersion.HTTP_1_1,
                                        HttpResponseStatus.CONTINUE,
                                        Unpooled.EMPTY_BUFFER));
    }

    /**
     * Runs a part of an exchange on the event loop: at once if this is it, but after the executions
     * if it executes requests. Any thread.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the loop has ended; the work is
     *     not done then
     */
    void onEventLoop(Runnable work) {
        ChannelHandlerContext ctx = context();
        if (LoopTurns.mayAnswerOn(ctx.executor())) {
            work.run();
        } else {
            ctx.executor().execute(() -> arrive(work));
        }
    }

    /** Not the whole of 127.0.0.0/8, for proxies beside a server come from others of it. */
    boolean isFromThisMachine() {
        return context().channel().remoteAddress() instanceof InetSocketAddress address
                && address.getAddress() != null
                && LOOPBACK.contains(address.getAddress().getHostAddress());
    }

    /** Runs an event on the event loop, in {@code nanos} from now. */
    Future<?> schedule(long nanos, Runnable event) {
        return context().executor().schedule(event, nanos, TimeUnit.NANOSECONDS);
    }

    /** A failure ends as one does on the way in. */
    private void arrive(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error failure) {
            exceptionCaught(context(), failure);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded();
        }
    }

    /** The client sends no more; what it has asked for is answered if it is still there. */
    private void inputEnded() {
        inputEnded = true;
        closeIfDone();
        if (current != null) {
            if (current.hasBodyEnded()) {
                ClientProbe.start(context(), current);
            } else {
                close();
            }
        }
    }

    private void closeIfDone() {
        if (inputEnded && current == null && waiting.isEmpty()) {
            close();
        }
    }

    /** Sends an answer and goes on when it has left. */
    void write(HttpExchange exchange, @Owned HttpReply reply) {
        exchange.replyBegun(reply.status());
        exchange.sending(reply.contentLength());
        closeAfterIfLeaving(exchange);
        ChannelFuture written = send(exchange, reply);
        if (written.isDone()) {
            reply.close();
            goOn(exchange, written);
        } else {
            written.addListener(_ -> {
                reply.close();
                goOn(exchange, written);
            });
        }
    }

    private void closeAfterIfLeaving(HttpExchange exchange) {
        if (connections.isLeaving()) {
            exchange.closeAfter();
        }
    }

    /** The answer has left, or never will. */
    private void goOn(HttpExchange exchange, ChannelFuture written) {
        exchange.replyWritten();
        if (written.isSuccess()) {
            advance();
        } else {
            log.debug("answer could not be written", written.cause());
            close();
        }
    }

    /**
     * Writes the head of an answer whose length is not known.
     *
     * @param first borrowed; its status and headers are those of the answer
     */
    void begin(HttpExchange exchange, HttpReply first) {
        exchange.replyBegun(first.status());
        closeAfterIfLeaving(exchange);
        if (first.headers().getOrDefault("Content-Type", "").startsWith("text/event-stream")) {
            exchange.eventsBegun();
        }
        if (exchange.head().version().equals(HttpVersion.HTTP_1_0)) {
            exchange.closeAfter();
        }
        // whatever fails here fails the end too
        var _ =
                context()
                        .write(
                                new DefaultHttpResponse(
                                        exchange.head().version(),
                                        HttpResponseStatus.valueOf(first.status()),
                                        headers(exchange, first)));
    }

    /**
     * Writes a piece of an answer, unflushed.
     *
     * @param written runs when the piece has left, or cannot leave any more
     */
    void write(@Owned HttpReply piece, Runnable written) {
        ChannelFuture last = context().newSucceededFuture();
        for (ByteBuf part : piece.body()) {
            last = context().write(new DefaultHttpContent(part));
        }
        last.addListener(future -> {
            piece.close();
            written.run();
            if (!future.isSuccess()) {
                close();
            }
        });
    }

    /** Sends what was written. */
    void flush() {
        context().flush();
    }

    /** Ends an answer that came in pieces and goes on when it has left. */
    void end(HttpExchange exchange) {
        ChannelFuture written = context().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        written.addListener(_ -> goOn(exchange, written));
    }

    private ChannelFuture send(HttpExchange exchange, HttpReply reply) {
        ChannelHandlerContext ctx = context();
        if (!stream && SmallReply.is(exchange, reply)) {
            return ctx.writeAndFlush(SmallReply.of(reply, ctx.alloc()));
        }
        HttpVersion version = exchange.head().version();
        HttpResponseStatus status = HttpResponseStatus.valueOf(reply.status());
        HttpHeaders headers = headers(exchange, reply);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, reply.contentLength());
        List<ByteBuf> body = reply.body();
        boolean isHead = exchange.head().isHead();
        if (isHead) {
            body.forEach(ByteBuf::release);
        }
        if (isHead || body.size() <= 1) {
            ByteBuf content = isHead || body.isEmpty() ? Unpooled.EMPTY_BUFFER : body.getFirst();
            return ctx.writeAndFlush(
                    new DefaultFullHttpResponse(
                            version, status, content, headers, EmptyHttpHeaders.INSTANCE));
        }
        // whatever fails here fails the last part too
        var _ = ctx.write(new DefaultHttpResponse(version, status, headers));
        for (ByteBuf part : body) {
            var _ = ctx.write(new DefaultHttpContent(part));
        }
        return ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    private static HttpHeaders headers(HttpExchange exchange, HttpReply reply) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        exchange.headers().forEach(headers::set);
        reply.headers().forEach(headers::set);
        if (!exchange.keepAlive()) {
            headers.set(HttpHeaderNames.CONNECTION, "close");
        } else if (exchange.head().version().equals(HttpVersion.HTTP_1_0)) {
            headers.set(HttpHeaderNames.CONNECTION, "keep-alive");
        }
        return headers;
    }

    /** Ends the exchange if it is over, and the connection after it if that is wanted. */
    private void advance() {
        if (current == null || !current.isReplyWritten()) {
            return;
        }
        boolean bodyToCome = !current.hasBodyEnded();
        if (current.keepAlive() && !stopping) {
            if (!bodyToCome) {
                current = null;
                handleWaiting();
                closeIfDone();
            }
        } else if (!bodyToCome || current.bodyMayNeverCome()) {
            closeGently();
        } else {
            var _ = context().executor().schedule(this::close, LINGER_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Ends the connection once nothing runs on it. Called on the event loop. */
    private void stop() {
        stopping = true;
        if (current == null) {
            var _ =
                    context()
                            .executor()
                            .schedule(
                                    this::closeIfIdle,
                                    connections.lastCall().toNanos(),
                                    TimeUnit.NANOSECONDS);
        } else {
            current.closeAfter();
            advance();
        }
    }

    private void closeIfIdle() {
        if (current == null) {
            closeGently();
        }
    }

    /** What the client still sends while the server leaves must not destroy the last answer. */
    private void closeGently() {
        if (stopping || connections.isLeaving()) {
            LingeringClose lingering = new LingeringClose();
            context().pipeline().addFirst(lingering);
            lingering.begin();
        }
        close();
    }

    /** Ends the connection once nothing runs on it. Any thread. */
    @Override
    public void stopWhenIdle() {
        context().executor().execute(this::stop);
    }

    /** Ends the connection now. Any thread. */
    @Override
    public void close() {
        var _ = context().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            log.debug("connection broke", cause);
            var _ = ctx.close();
            return;
        }
        log.error("request failed unexpectedly", cause);
        if (current != null && !current.isReplyBegun()) {
            HttpExchange failed = current;
            failed.closeAfter();
            failed.abandon();
            write(failed, HttpReply.error(500, "internal error"));
        } else {
            var _ = ctx.close();
        }
    }
}
