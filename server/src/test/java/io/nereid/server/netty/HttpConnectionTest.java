package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpConnectionTest {
    @RegisterExtension final ServerFixture fixture = ServerFixture.onSelectors();

    private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
    private final CountDownLatch disconnected = new CountDownLatch(1);
    private HttpListener listener;

    @BeforeEach
    void listen() {
        listener = open(0);
    }

    private HttpListener open(int port) {
        return fixture.closeLater(openAt(new ListenAddress("127.0.0.1", port, false)));
    }

    private HttpListener openAt(ListenAddress address) {
        return HttpListener.open(address, fixture.transport(), fixture.server(), this::route);
    }

    private void route(HttpHead head, HttpExchange exchange) {
        switch (head.path()) {
            case "/hello" -> exchange.reply(text("hello"));
            case "/echo" ->
                    exchange.receive(
                            HttpConnectionTest::atMost100MiB, body -> echo(exchange, body));
            case "/small" ->
                    exchange.receive(HttpConnectionTest::atMost10, body -> echo(exchange, body));
            case "/hold" ->
                    exchange.receive(
                            _ -> {},
                            body -> {
                                body.close();
                                exchange.onDisconnect(disconnected::countDown);
                                held.add(exchange);
                            });
            case "/broken" -> throw new IllegalStateException("as the test wants");
            case "/broken-later" ->
                    exchange.receive(
                            _ -> {},
                            body -> {
                                body.close();
                                throw new IllegalStateException("as the test wants");
                            });
            default -> throw StatusException.invalidArgument("no " + head.path());
        }
    }

    private static void atMost100MiB(long size) {
        limit(size, 100 << 20);
    }

    private static void atMost10(long size) {
        limit(size, 10);
    }

    private static void limit(long size, long limit) {
        if (size > limit) {
            throw StatusException.invalidArgument(size + " bytes are too many");
        }
    }

    private static HttpReply text(String text) {
        return HttpReply.json(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void echo(HttpExchange exchange, TensorBuffer body) {
        byte[] bytes = body.segment().toArray(ValueLayout.JAVA_BYTE);
        body.close();
        exchange.reply(HttpReply.json(bytes));
    }

    private RawClient client() throws IOException {
        return fixture.client(listener.port());
    }

    /** What a client sends. */
    private interface Sending {
        void run() throws IOException;
    }

    /** Sends on a thread of its own, since nobody may read it before answers are taken. */
    private static Thread sendBeside(Sending sending) {
        return Thread.ofPlatform()
                .start(() -> {
                    try {
                        sending.run();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private HttpExchange nextHeld() throws InterruptedException {
        HttpExchange exchange = held.poll(30, TimeUnit.SECONDS);
        assertThat(exchange).isNotNull();
        return exchange;
    }

    @Test
    void answersManyRequestsOnOneConnection() throws IOException {
        RawClient client = client();
        for (int i = 0; i < 200; i++) {
            client.request("POST /echo HTTP/1.1", "Content-Length: 3").send("%03d".formatted(i));
            assertThat(client.read().body()).isEqualTo("%03d".formatted(i));
        }
        assertThat(listener.connections()).isEqualTo(1);
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        RawClient client = client();
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            requests.append("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\n");
            requests.append("%03d".formatted(i));
        }
        client.send("POST /hold HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + requests);
        HttpExchange first = nextHeld();
        Thread.ofPlatform().start(() -> first.reply(text("first"))).join();
        assertThat(client.read().body()).isEqualTo("first");
        for (int i = 0; i < 300; i++) {
            assertThat(client.read().body()).isEqualTo("%03d".formatted(i));
        }
    }

    @Test
    void stopsReadingWhenTooMuchWaits() throws Exception {
        RawClient client = client();
        client.send("POST /hold HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
        HttpExchange first = nextHeld();
        String request = "POST /echo HTTP/1.1\r\nContent-Length: 10000\r\n\r\n" + "x".repeat(10000);
        Thread writer =
                sendBeside(() -> {
                    for (int i = 0; i < 2000; i++) {
                        client.send(request);
                    }
                });
        first.reply(text("first"));
        assertThat(client.read().body()).isEqualTo("first");
        for (int i = 0; i < 2000; i++) {
            assertThat(client.read().body()).hasSize(10000);
        }
        writer.join();
    }

    @Test
    void keepsToTheRulesOfConnectionHeaders() throws IOException {
        RawClient old = client().request("GET /hello HTTP/1.0");
        RawClient.Reply reply = old.read();
        assertThat(reply.statusLine()).isEqualTo("HTTP/1.0 200 OK");
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(old.isClosed()).isTrue();

        RawClient keeping = client();
        for (int i = 0; i < 2; i++) {
            reply = keeping.request("GET /hello HTTP/1.0", "Connection: keep-alive").read();
            assertThat(reply.header("Connection")).isEqualTo("keep-alive");
        }

        RawClient closing = client().request("GET /hello HTTP/1.1", "Connection: close");
        assertThat(closing.read().header("Connection")).isEqualTo("close");
        assertThat(closing.isClosed()).isTrue();

        reply = client().request("GET /hello HTTP/1.1").read();
        assertThat(reply.headers()).containsOnlyKeys("content-type", "content-length");
    }

    @Test
    void givesLeaveToSendABodyThatItWants() throws IOException {
        RawClient client =
                client().request(
                                "POST /echo HTTP/1.1", "Content-Length: 4", "Expect: 100-continue");
        assertThat(client.readHead().statusLine()).isEqualTo("HTTP/1.1 100 Continue");
        client.send("body");
        assertThat(client.read().body()).isEqualTo("body");
        client.request("GET /hello HTTP/1.1");
        assertThat(client.read().body()).isEqualTo("hello");
    }

    @Test
    void refusesABodyBeforeGivingLeaveToSendIt() throws IOException {
        RawClient client =
                client().request(
                                "POST /small HTTP/1.1",
                                "Content-Length: 11",
                                "Expect: 100-continue");
        RawClient.Reply reply = client.read();
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).isEqualTo("{\"error\":\"11 bytes are too many\"}");
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void goesOnAfterARefusedBodyHasPassed() throws IOException {
        RawClient client = client().request("POST /small HTTP/1.1", "Content-Length: 2000000");
        assertThat(client.read().body()).isEqualTo("{\"error\":\"2000000 bytes are too many\"}");
        client.send(new byte[2_000_000]);
        assertThat(client.request("GET /hello HTTP/1.1").read().body()).isEqualTo("hello");
    }

    @Test
    void refusesAHugeBodyFromItsHeadAndClosesTheConnection() throws IOException {
        RawClient client = client().request("POST /hold HTTP/1.1", "Content-Length: 900000000000");
        RawClient.Reply reply = client.read();
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("request body of 900000000000 bytes exceeds");
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(fixture.allocator().openBlocks()).isZero();
    }

    @Test
    void refusesABodyThatDoesNotFitBesideTheOthers() throws Exception {
        fixture.admission().reserve(ServerFixture.MAX_BYTES - 10);
        RawClient.Reply reply =
                client().request("POST /echo HTTP/1.1", "Content-Length: 11")
                        .send("x".repeat(11))
                        .read();
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.body()).contains("server is overloaded");
        reply =
                client().request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked")
                        .send("b\r\n" + "x".repeat(11) + "\r\n0\r\n\r\n")
                        .read();
        assertThat(reply.status()).isEqualTo(503);
        fixture.admission().release(ServerFixture.MAX_BYTES - 10);
    }

    @Test
    void admitsABodyUntilItsMemoryIsFreeAndItsAnswerIsGiven() throws Exception {
        RawClient client = client();
        client.request("POST /hold HTTP/1.1", "Content-Length: 1000").send(new byte[1000]);
        HttpExchange exchange = nextHeld();
        assertThat(fixture.admission().inFlightBytes()).isEqualTo(1000);
        exchange.reply(text("done"));
        assertThat(client.read().body()).isEqualTo("done");
        assertThat(fixture.admission().inFlightBytes()).isZero();
    }

    @Test
    void putsABodyTogetherHoweverItArrives() throws IOException {
        RawClient client = client().request("POST /echo HTTP/1.1", "Content-Length: 6");
        for (char c : "abcdef".toCharArray()) {
            client.send(String.valueOf(c));
        }
        assertThat(client.read().body()).isEqualTo("abcdef");
        client.request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
        client.send("3\r\nabc\r\n").send("2;x=y\r").send("\nde\r\n").send("0\r\n\r\n");
        assertThat(client.read().body()).isEqualTo("abcde");
        client.request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked").send("0\r\n\r\n");
        assertThat(client.read().body()).isEmpty();
        client.request("POST /echo HTTP/1.1");
        assertThat(client.read().body()).isEmpty();
    }

    @Test
    void joinsALargeChunkedBody() throws IOException {
        int size = 11_000_000;
        byte[] body = new byte[size];
        for (int i = 0; i < size; i++) {
            body[i] = (byte) (i * 31 + i / 1000);
        }
        RawClient client = client().request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
        client.send(Integer.toHexString(size) + "\r\n").send(body).send("\r\n0\r\n\r\n");
        RawClient.Reply head = client.readHead();
        assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(size));
        assertThat(client.readBytes(size)).isEqualTo(body);
        assertThat(fixture.admission().inFlightBytes()).isZero();
    }

    @Test
    void namesTheWholeSizeOfAChunkedBodyThatIsTooLarge() throws IOException {
        RawClient client = client().request("POST /small HTTP/1.1", "Transfer-Encoding: chunked");
        client.send("9\r\n123456789\r\n".repeat(3)).send("0\r\n\r\n");
        assertThat(client.read().body()).isEqualTo("{\"error\":\"27 bytes are too many\"}");
        assertThat(client.request("GET /hello HTTP/1.1").read().body()).isEqualTo("hello");
    }

    @Test
    void countsChunks() throws IOException {
        RawClient client = client().request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
        client.send("1\r\nx\r\n".repeat(65536) + "0\r\n\r\n");
        assertThat(client.read().body()).hasSize(65536);
        client.request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
        client.send("1\r\nx\r\n".repeat(65537));
        RawClient.Reply reply = client.read();
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.body())
                .isEqualTo(
                        "{\"error\":\"Chunked request body exceeds maximum of 65536 non-empty"
                                + " chunks. Send fewer or larger HTTP chunks.\"}");
        client.send("0\r\n\r\n");
        assertThat(client.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET /hello HTTP/1.x\r\n\r\n",
                "GET /hello HTTP/1.1\r\nno colon\r\n\r\n",
                "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
                "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "POST /hello HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            })
    void endsTheConnectionAfterMalformedHttp(String bytes) throws IOException {
        RawClient client = client().send(bytes);
        RawClient.Reply reply = client.read();
        if (!bytes.contains("POST /hello")) {
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.header("Content-Type")).isEqualTo("application/json");
            assertThat(reply.header("Connection")).isEqualTo("close");
            assertThat(reply.body()).startsWith("{\"error\":\"malformed HTTP request: ");
        }
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void namesAContentLengthThatIsNoNumber() throws IOException {
        assertThat(client().request("POST /echo HTTP/1.1", "Content-Length: abc").read().body())
                .isEqualTo("{\"error\":\"Unable to parse Content-Length, got: abc\"}");
        String huge = "99999999999999999999";
        assertThat(client().request("POST /echo HTTP/1.1", "Content-Length: " + huge).read().body())
                .isEqualTo(
                        "{\"error\":\"Unable to parse Content-Length, value is out of range ["
                                + " -2147483648, 2147483647 ], got: "
                                + huge
                                + "\"}");
    }

    @Test
    void acceptsLinesUpToTheirLimit() throws IOException {
        String longest = "x".repeat(8192);
        RawClient client = client().request("GET /hello HTTP/1.1", "A: " + longest);
        assertThat(client.read().body()).isEqualTo("hello");
        client.request("GET /hello HTTP/1.1", "A: " + longest + "x");
        assertThat(client.read().status()).isEqualTo(400);
        assertThat(client.isClosed()).isTrue();
        RawClient target = client().request("GET /hello?" + "x".repeat(9000) + " HTTP/1.1");
        assertThat(target.read().status()).isEqualTo(400);
        assertThat(target.isClosed()).isTrue();
    }

    @Test
    void ignoresQueryFragmentAndAuthority() throws IOException {
        RawClient client = client();
        assertThat(client.request("GET /hello?a=/b#c HTTP/1.1").read().status()).isEqualTo(200);
        assertThat(client.request("GET http://x:80/hello HTTP/1.1").read().status()).isEqualTo(200);
        assertThat(client.request("GET http://x HTTP/1.1").read().body())
                .isEqualTo("{\"error\":\"no /\"}");
    }

    @Test
    void answersHeadWithoutABody() throws IOException {
        RawClient client = client().request("HEAD /hello HTTP/1.1");
        assertThat(client.readHead().header("Content-Length")).isEqualTo("5");
        assertThat(client.request("GET /hello HTTP/1.1").read().body()).isEqualTo("hello");
    }

    @Test
    void freesABodyWhoseClientGoesAway() throws Exception {
        RawClient client = client().request("POST /echo HTTP/1.1", "Content-Length: 400000");
        client.send(new byte[200_000]);
        RawClient chunked = client().request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
        chunked.send("4\r\nhalf\r\n");
        // answered on the same event loop: what was sent before has been read
        assertThat(client().request("GET /hello HTTP/1.1").read().status()).isEqualTo(200);
        client.close();
        chunked.reset();
        listener.stop().get(30, TimeUnit.SECONDS);
        assertThat(fixture.allocator().openBlocks()).isZero();
        assertThat(fixture.admission().inFlightBytes()).isZero();
    }

    @Test
    void tellsWhoWorksThatTheClientWentAway() throws Exception {
        RawClient client = client().request("POST /hold HTTP/1.1");
        HttpExchange exchange = nextHeld();
        client.close();
        assertThat(disconnected.await(30, TimeUnit.SECONDS)).isTrue();
        TensorBuffer late = fixture.allocator().bytes((byte) 1);
        exchange.reply(new Late(late));
        listener.stop().get(30, TimeUnit.SECONDS);
    }

    /** An answer that must be thrown away. */
    private record Late(TensorBuffer buffer) implements PendingReply {
        @Override
        public HttpReply encode() {
            throw new IllegalStateException("nobody waits for this answer");
        }

        @Override
        public void discard() {
            buffer.close();
        }
    }

    @Test
    void refusesASecondAnswer() throws Exception {
        RawClient client = client().request("POST /hold HTTP/1.1");
        HttpExchange exchange = nextHeld();
        exchange.reply(text("one"));
        TensorBuffer second = fixture.allocator().bytes((byte) 1);
        assertThatThrownBy(() -> exchange.reply(new Late(second)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("answered twice");
        assertThat(client.read().body()).isEqualTo("one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/broken", "/broken-later"})
    void answersAnUnexpectedFailureAndEndsTheConnection(String path) throws IOException {
        RawClient client = client().request("POST " + path + " HTTP/1.1", "Content-Length: 3");
        client.send("abc");
        RawClient.Reply reply = client.read();
        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body()).isEqualTo("{\"error\":\"internal error\"}");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void answersWhenEncodingFailsUnexpectedly() throws Exception {
        RawClient client = client().request("POST /hold HTTP/1.1");
        TensorBuffer buffer = fixture.allocator().bytes((byte) 1);
        nextHeld().reply(new Late(buffer));
        assertThat(client.read().status()).isEqualTo(500);
        assertThat(client.isClosed()).isTrue();
        buffer.close();
    }

    @Test
    void finishesRunningRequestsWhenStopping() throws Exception {
        RawClient idle = client();
        assertThat(idle.request("GET /hello HTTP/1.1").read().status()).isEqualTo(200);
        RawClient busy = client().request("POST /hold HTTP/1.1");
        HttpExchange exchange = nextHeld();
        CompletableFuture<Void> stopped = listener.stop();
        assertThat(idle.isClosed()).isTrue();
        assertThat(stopped).isNotDone();
        assertThat(isRefused()).isTrue();
        exchange.reply(text("finished"));
        RawClient.Reply reply = busy.read();
        assertThat(reply.body()).isEqualTo("finished");
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(busy.isClosed()).isTrue();
        stopped.get(30, TimeUnit.SECONDS);
    }

    @Test
    void answersWhatIsOnItsWayOnAnIdleConnectionWhenStopping() throws Exception {
        listener =
                fixture.closeLater(
                        HttpListener.open(
                                new ListenAddress("127.0.0.1", 0, false),
                                fixture.transport(),
                                fixture.server(),
                                this::route,
                                new ListenerOptions(
                                        1024,
                                        Duration.ofMinutes(1),
                                        Duration.ofMinutes(1),
                                        Duration.ofMinutes(1),
                                        Optional.empty())));
        RawClient idle = client();
        assertThat(idle.request("GET /hello HTTP/1.1").read().status()).isEqualTo(200);
        CompletableFuture<Void> stopped = listener.stop();

        RawClient.Reply reply = idle.request("GET /hello HTTP/1.1").read();

        assertThat(reply.body()).isEqualTo("hello");
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(idle.isClosed()).isTrue();
        stopped.get(30, TimeUnit.SECONDS);
    }

    @Test
    void sendsClientsAwayWhileItServesThemAsBefore() throws Exception {
        RawClient idle = client();
        assertThat(idle.request("GET /hello HTTP/1.1").read().header("Connection")).isEmpty();
        RawClient busy = client().request("POST /hold HTTP/1.1");
        HttpExchange exchange = nextHeld();

        listener.leave();

        exchange.reply(text("finished"));
        assertThat(busy.read().header("Connection")).isEqualTo("close");
        assertThat(busy.isClosed()).isTrue();
        RawClient.Reply reply = idle.request("GET /hello HTTP/1.1").read();
        assertThat(reply.header("Connection")).isEqualTo("close");
        assertThat(idle.isClosed()).isTrue();
        assertThat(client().request("GET /hello HTTP/1.1").read().body()).isEqualTo("hello");
    }

    /** The system may still take a connection, but only to drop it. */
    private boolean isRefused() {
        try {
            return client().request("GET /hello HTTP/1.1").isClosed();
        } catch (IOException _) {
            return true;
        }
    }

    @Test
    void cancelsRunningRequestsWhenClosed() throws Exception {
        client().request("POST /hold HTTP/1.1");
        HttpExchange exchange = nextHeld();
        listener.close();
        assertThat(disconnected.await(30, TimeUnit.SECONDS)).isTrue();
        exchange.reply(text("too late"));
        assertThat(listener.connections()).isZero();
    }

    @Test
    void tellsThatAPortIsTaken() {
        int port = listener.port();
        assertThatThrownBy(() -> open(port))
                .isInstanceOf(StatusException.class)
                .hasMessage("Socket '127.0.0.1:" + port + "' already in use ");
    }

    @Test
    void sharesAPortIfThatIsAllowed() {
        HttpListener one = fixture.closeLater(openAt(new ListenAddress("127.0.0.1", 0, true)));
        HttpListener other =
                fixture.closeLater(openAt(new ListenAddress("127.0.0.1", one.port(), true)));
        assertThat(other.port()).isEqualTo(one.port());
    }

    @Test
    void readsTheFormOfIpv6Addresses() {
        InetSocketAddress address = new ListenAddress("ipv6:[::1]", 5, false).toSocketAddress();
        assertThat(address.getAddress()).isInstanceOf(Inet6Address.class);
        assertThat(address.getAddress().isLoopbackAddress()).isTrue();
        assertThat(address.getPort()).isEqualTo(5);
    }

    @Test
    void copiesOfABodyOnlyWhatComesWithItsHead() throws IOException {
        client().request("POST /echo HTTP/1.1", "Content-Length: 500000")
                .send(new byte[500_000])
                .read();
        CopyMeter copies = fixture.allocator().copies();
        assertThat(copies.copies(CopyMeter.Site.RECEIVE)).isLessThanOrEqualTo(1);
        assertThat(copies.bytes(CopyMeter.Site.RECEIVE))
                .isLessThanOrEqualTo(DirectReads.HEAD_BYTES);
    }

    @Test
    void copiesASmallBodyOnce() throws IOException {
        client().send("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc").read();
        CopyMeter copies = fixture.allocator().copies();
        assertThat(copies.copies(CopyMeter.Site.RECEIVE)).isEqualTo(1);
        assertThat(copies.bytes(CopyMeter.Site.RECEIVE)).isEqualTo(3);
    }

    /** Bodies of all sizes and kinds, some refused, in pieces that know nothing of requests. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void readsRequestsInWhateverPiecesTheyCome(long seed) throws Exception {
        Random random = new Random(seed);
        ByteArrayOutputStream requests = new ByteArrayOutputStream();
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] body = new byte[1 + random.nextInt(1 << random.nextInt(1, 21))];
            random.nextBytes(body);
            boolean chunked = random.nextInt(4) == 0;
            boolean refused = random.nextInt(5) == 0 && body.length > 10;
            requests.writeBytes(latin1("POST " + (refused ? "/small" : "/echo") + " HTTP/1.1\r\n"));
            if (chunked) {
                requests.writeBytes(latin1("Transfer-Encoding: chunked\r\n\r\n"));
                requests.writeBytes(latin1(Integer.toHexString(body.length) + "\r\n"));
                requests.writeBytes(body);
                requests.writeBytes(latin1("\r\n0\r\n\r\n"));
            } else {
                requests.writeBytes(latin1("Content-Length: " + body.length + "\r\n\r\n"));
                requests.writeBytes(body);
            }
            answers.add(
                    refused
                            ? "{\"error\":\"" + body.length + " bytes are too many\"}"
                            : new String(body, StandardCharsets.ISO_8859_1));
        }
        RawClient client = client();
        byte[] bytes = requests.toByteArray();
        Thread writer =
                sendBeside(() -> {
                    int at = 0;
                    while (at < bytes.length) {
                        int piece = Math.min(1 << random.nextInt(20), bytes.length - at);
                        client.send(Arrays.copyOfRange(bytes, at, at + piece));
                        at += piece;
                    }
                });
        for (String answer : answers) {
            assertThat(client.read().body().equals(answer)).isTrue();
        }
        writer.join();
        assertThat(fixture.admission().inFlightBytes()).isZero();
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
