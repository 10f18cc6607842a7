package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Routes for tests of the transport: {@code /hello} answers at once, {@code /echo} with the body,
 * {@code /small} does so up to 10 bytes, {@code /names} with the names of the headers, {@code
 * /pieces} piece by piece, {@code /hold} when the test wants.
 */
final class TestRoutes implements HttpRoutes {
    private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();

    /** Counts down when the client of a held request goes away. */
    final CountDownLatch disconnected = new CountDownLatch(1);

    @Override
    public void handle(HttpHead head, HttpExchange exchange) {
        switch (head.path()) {
            case "/hello" -> exchange.reply(text("hello"));
            case "/names" -> exchange.reply(text(String.join(" ", head.headers().names())));
            case "/echo" -> exchange.receive(_ -> {}, body -> echo(exchange, body));
            case "/small" -> exchange.receive(TestRoutes::limit, body -> echo(exchange, body));
            case "/pieces" ->
                    exchange.receive(
                            _ -> {},
                            body -> {
                                body.close();
                                StreamedReply reply = exchange.stream();
                                reply.send(text("one "), 4);
                                reply.send(text("two"), 3);
                                reply.end();
                            });
            case "/hold" ->
                    exchange.receive(
                            _ -> {},
                            body -> {
                                body.close();
                                exchange.onDisconnect(disconnected::countDown);
                                held.add(exchange);
                            });
            default -> throw StatusException.invalidArgument("no " + head.path());
        }
    }

    private static void limit(long size) {
        if (size > 10) {
            throw StatusException.invalidArgument(size + " bytes are too many");
        }
    }

    static HttpReply text(String text) {
        return HttpReply.json(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void echo(HttpExchange exchange, TensorBuffer body) {
        byte[] bytes = body.segment().toArray(ValueLayout.JAVA_BYTE);
        body.close();
        exchange.reply(HttpReply.json(bytes));
    }

    /** The next request that is held. */
    HttpExchange nextHeld() throws InterruptedException {
        HttpExchange exchange = held.poll(30, TimeUnit.SECONDS);
        assertThat(exchange).isNotNull();
        return exchange;
    }
}
