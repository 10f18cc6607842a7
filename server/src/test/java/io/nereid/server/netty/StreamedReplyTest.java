package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StreamedReplyTest {
    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final BlockingQueue<StreamedReply> held = new LinkedBlockingQueue<>();
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final AtomicInteger discarded = new AtomicInteger();
    private HttpListener listener;

    @BeforeEach
    void listen() {
        listener =
                fixture.closeLater(
                        HttpListener.open(
                                new ListenAddress("127.0.0.1", 0, false),
                                fixture.transport(),
                                fixture.server(),
                                this::route));
    }

    private void route(HttpHead head, HttpExchange exchange) {
        if (head.path().equals("/hello")) {
            exchange.reply(HttpReply.json(bytes("hello")));
            return;
        }
        exchange.receive(
                _ -> {},
                body -> {
                    body.close();
                    exchange.onDisconnect(cancelled::countDown);
                    StreamedReply reply = exchange.stream();
                    if (head.path().equals("/at-once")) {
                        reply.send(piece("one"), 3);
                        reply.send(piece("two"), 3);
                        reply.end();
                    } else {
                        held.add(reply);
                    }
                });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private Pending piece(String text) {
        return new Pending(200, text);
    }

    /** Counts what is thrown away; as each answer does once, it ends either way. */
    private final class Pending implements PendingReply {
        private final int status;
        private final String text;

        Pending(int status, String text) {
            this.status = status;
            this.text = text;
        }

        @Override
        public HttpReply encode() {
            return HttpReply.of(status, Map.of("Content-Type", "text/test"), bytes(text));
        }

        @Override
        public void discard() {
            discarded.incrementAndGet();
        }
    }

    private record Failing(RuntimeException failure) implements PendingReply {
        @Override
        public HttpReply encode() {
            throw failure;
        }

        @Override
        public void discard() {}
    }

    private RawClient client() throws IOException {
        return fixture.client(listener.port());
    }

    private RawClient ask(String version) throws IOException {
        return client().request("POST /stream HTTP/" + version, "Content-Length: 0");
    }

    private StreamedReply nextHeld() throws InterruptedException {
        StreamedReply reply = held.poll(30, TimeUnit.SECONDS);
        assertThat(reply).isNotNull();
        return reply;
    }

    private void send(StreamedReply reply, String text) {
        reply.send(piece(text), text.length());
    }

    @Test
    void sendsEachPieceWhenItComes() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        reply.send(new Pending(404, "first"), 5);
        RawClient.Reply head = client.readHead();
        assertThat(head.status()).isEqualTo(404);
        assertThat(head.header("Content-Type")).isEqualTo("text/test");
        assertThat(head.header("Transfer-Encoding")).isEqualTo("chunked");
        assertThat(head.header("Content-Length")).isEmpty();
        assertThat(client.readChunk()).isEqualTo("first");
        send(reply, "second");
        assertThat(client.readChunk()).isEqualTo("second");
        reply.end();
        assertThat(client.readChunk()).isEmpty();
    }

    @Test
    void goesOnWithPipelinedRequests() throws Exception {
        RawClient client = client();
        client.request("POST /stream HTTP/1.1", "Content-Length: 0");
        client.request("POST /at-once HTTP/1.1", "Content-Length: 0");
        client.request("GET /hello HTTP/1.1");
        StreamedReply reply = nextHeld();
        send(reply, "a");
        send(reply, "b");
        reply.end();
        assertThat(client.read().body()).isEqualTo("ab");
        assertThat(client.read().body()).isEqualTo("onetwo");
        assertThat(client.read().body()).isEqualTo("hello");
        assertThat(client.request("GET /hello HTTP/1.1").read().body()).isEqualTo("hello");
        assertThat(cancelled.getCount()).isOne();
    }

    @Test
    void endsWithTheConnectionOverHttp10() throws Exception {
        RawClient client =
                client().request(
                                "POST /stream HTTP/1.0",
                                "Content-Length: 0",
                                "Connection: keep-alive");
        StreamedReply reply = nextHeld();
        send(reply, "first");
        send(reply, "second");
        reply.end();
        RawClient.Reply head = client.readHead();
        assertThat(head.headers()).doesNotContainKeys("transfer-encoding", "content-length");
        assertThat(head.header("Connection")).isEqualTo("close");
        assertThat(new String(client.readBytes(11), StandardCharsets.ISO_8859_1))
                .isEqualTo("firstsecond");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void keepsOrderBetweenThreads() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        var loop = fixture.transport().eventLoops().next();
        for (int i = 0; i < 1000; i++) {
            String text = i + ",";
            if (i % 3 == 0) {
                loop.submit(() -> send(reply, text)).get();
            } else {
                send(reply, text);
            }
        }
        reply.end();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            expected.append(i).append(',');
        }
        assertThat(client.read().body()).isEqualTo(expected.toString());
    }

    @Test
    void anEmptyPieceSendsTheHead() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        send(reply, "");
        assertThat(client.readHead().status()).isEqualTo(200);
        reply.end();
        assertThat(client.readChunk()).isEmpty();
    }

    @Test
    void cancelsInMidStreamWhenTheClientGoes() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        send(reply, "first");
        client.readHead();
        assertThat(client.readChunk()).isEqualTo("first");
        client.reset();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        send(reply, "second");
        reply.end();
        assertThat(listener.stop()).succeedsWithin(30, TimeUnit.SECONDS);
    }

    @Test
    void cancelsWhenTheClientOfEventsIsGoneBetweenThem() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        sendEvent(reply, "first");
        client.readHead();
        assertThat(client.readChunk()).isEqualTo("first");
        // All was read, so that this looks as if only one side had ended.
        client.close();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        reply.end();
    }

    @Test
    void goesOnWithEventsForAClientThatHasEndedItsSide() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        sendEvent(reply, "first");
        client.readHead();
        assertThat(client.readChunk()).isEqualTo("first");
        client.endOfInput();
        assertThat(client.readChunk()).isEqualTo(":\n\n");
        sendEvent(reply, "second");
        reply.end();

        List<String> rest = new ArrayList<>();
        for (String chunk = client.readChunk(); !chunk.isEmpty(); chunk = client.readChunk()) {
            rest.add(chunk);
        }
        assertThat(rest.stream().filter(chunk -> !chunk.equals(":\n\n"))).containsExactly("second");
        assertThat(cancelled.getCount()).isEqualTo(1);
    }

    private static void sendEvent(StreamedReply reply, String text) {
        reply.send(
                HttpReply.of(200, Map.of("Content-Type", "text/event-stream"), bytes(text)),
                text.length());
    }

    @Test
    void cancelsBeforeTheFirstPieceToo() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        client.reset();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        send(reply, "first");
        reply.end();
        fixture.transport().eventLoops().next().submit(() -> {}).get();
        assertThat(discarded).hasValue(1);
    }

    @Test
    void closesOnAClientThatDoesNotRead() throws Exception {
        var _ = ask("1.1");
        StreamedReply reply = nextHeld();
        String text = "x".repeat(64 << 10);
        int pieces = 0;
        while (discarded.get() == 0) {
            assertThat(pieces).as("pieces of 64 KiB").isLessThan(2000);
            send(reply, text);
            pieces++;
        }
        assertThat(pieces).isGreaterThan((int) (StreamedReply.MAX_WAITING >> 16) / 2);
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        send(reply, "more");
        reply.end();
        assertThat(listener.stop()).succeedsWithin(30, TimeUnit.SECONDS);
    }

    @Test
    void onePieceMayBeLargerThanTheBound() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        String text = "x".repeat((int) StreamedReply.MAX_WAITING + 1);
        Thread sender =
                Thread.ofPlatform()
                        .start(() -> {
                            send(reply, text);
                            reply.end();
                        });
        assertThat(client.read().body()).hasSameSizeAs(text);
        sender.join();
    }

    @Test
    void tellsWhyAPieceCannotBeMade() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        reply.send(new Failing(new StatusException(StatusCode.UNSUPPORTED, "no")), 0);
        reply.end();
        RawClient.Reply answer = client.read();
        assertThat(answer.status()).isEqualTo(501);
        assertThat(answer.body()).isEqualTo("{\"error\":\"no\"}");
    }

    @Test
    void cancelsWhenAFirstPieceFailsUnexpectedly() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        reply.send(new Failing(new IllegalStateException("as the test wants")), 0);
        RawClient.Reply answer = client.read();
        assertThat(answer.status()).isEqualTo(500);
        assertThat(client.isClosed()).isTrue();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        send(reply, "more");
        reply.end();
    }

    @Test
    void closesWhenALaterPieceFailsUnexpectedly() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        send(reply, "first");
        client.readHead();
        assertThat(client.readChunk()).isEqualTo("first");
        reply.send(new Failing(new IllegalStateException("as the test wants")), 0);
        assertThat(client.isClosed()).isTrue();
        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        reply.end();
    }

    @Test
    void gracefulStopWaitsForTheEnd() throws Exception {
        RawClient client = ask("1.1");
        StreamedReply reply = nextHeld();
        send(reply, "first");
        client.readHead();
        assertThat(client.readChunk()).isEqualTo("first");
        CompletableFuture<Void> stopped = listener.stop();
        send(reply, "second");
        assertThat(client.readChunk()).isEqualTo("second");
        assertThat(stopped).isNotDone();
        reply.end();
        assertThat(client.readChunk()).isEmpty();
        assertThat(client.isClosed()).isTrue();
        assertThat(stopped).succeedsWithin(30, TimeUnit.SECONDS);
    }

    @Test
    void discardsWhatComesAfterTheLoopsEnd() throws Exception {
        var _ = ask("1.1");
        StreamedReply reply = nextHeld();
        fixture.transport().eventLoops().shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        send(reply, "first");
        send(reply, "second");
        reply.end();
        assertThat(discarded).hasValue(2);
    }

    @Test
    void mayNotBeAnAnswerBesideAnother() throws Exception {
        RawClient client = client();
        client.request("POST /at-once HTTP/1.1", "Content-Length: 0");
        client.request("POST /stream HTTP/1.1", "Content-Length: 0");
        StreamedReply reply = nextHeld();
        assertThatThrownBy(reply::end).isInstanceOf(IllegalStateException.class);
        send(reply, "x");
        reply.end();
        assertThat(client.read().body()).isEqualTo("onetwo");
        assertThat(client.read().body()).isEqualTo("x");
    }
}
