package io.nereid.server.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a client that sends no more still listens. TCP does not tell the end of one
 * direction from the end of both until something is sent: a socket that is gone answers with a
 * reset, and the next write fails. An interim answer (RFC 9110 section 15.2) says nothing and every
 * HTTP/1.1 client skips it; between server-sent events a comment does the same (HTML standard
 * section 9.2.6). Used on one event loop.
 *
 * <p>A request that is answered before the first probe sees none. Clients of HTTP/1.0 know no
 * interim answers and get their answer in any case.
 */
final class ClientProbe {
    private static final Logger log = LoggerFactory.getLogger(ClientProbe.class);
    private static final long INTERVAL_MILLIS = 100;
    private static final int PROBES = 3;

    private ClientProbe() {}

    /** Closes the connection soon if nobody waits for the answer of {@code exchange}. */
    static void start(ChannelHandlerContext ctx, HttpExchange exchange) {
        if (exchange.head().version().equals(HttpVersion.HTTP_1_1)) {
            schedule(ctx, exchange, PROBES);
        }
    }

    private static void schedule(ChannelHandlerContext ctx, HttpExchange exchange, int left) {
        if (left > 0) {
            var _ =
                    ctx.executor()
                            .schedule(
                                    () -> probe(ctx, exchange, left),
                                    INTERVAL_MILLIS,
                                    TimeUnit.MILLISECONDS);
        }
    }

    private static void probe(ChannelHandlerContext ctx, HttpExchange exchange, int left) {
        boolean begun = exchange.isReplyBegun();
        if (exchange.isDisconnected() || (begun && !exchange.takesEvents())) {
            return;
        }
        ctx.writeAndFlush(begun ? comment() : interimAnswer())
                .addListener(written -> {
                    if (written.isSuccess()) {
                        schedule(ctx, exchange, left - 1);
                    } else {
                        log.debug("client is gone", written.cause());
                        var _ = ctx.close();
                    }
                });
    }

    private static HttpObject interimAnswer() {
        return new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER);
    }

    private static HttpObject comment() {
        return new DefaultHttpContent(Unpooled.copiedBuffer(":\n\n", StandardCharsets.US_ASCII));
    }
}
