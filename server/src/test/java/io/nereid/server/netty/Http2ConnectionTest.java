package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class Http2ConnectionTest {
    private static final byte[] FAREWELL_PING = "nereid!!".getBytes(StandardCharsets.US_ASCII);

    private static final int NO_ERROR = 0;
    private static final int PROTOCOL_ERROR = 1;
    private static final int CANCEL = 8;
    private static final int ENHANCE_YOUR_CALM = 11;

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final TestRoutes routes = new TestRoutes();
    private HttpListener listener;

    @BeforeEach
    void listen() {
        listener =
                fixture.closeLater(
                        HttpListener.open(
                                new ListenAddress("127.0.0.1", 0, false),
                                fixture.transport(),
                                fixture.server(),
                                routes));
    }

    private RawHttp2Client client() throws IOException {
        return new RawHttp2Client(fixture.client(listener.port()));
    }

    private void assertAnswered(RawHttp2Client client, int stream, String body) throws IOException {
        RawHttp2Client.Frame head = client.next();
        assertThat(head.type()).isEqualTo(RawHttp2Client.HEADERS);
        assertThat(head.stream()).isEqualTo(stream);
        assertThat(head.endsStream()).isFalse();
        RawHttp2Client.Frame data = client.next();
        assertThat(data)
                .isEqualTo(
                        new RawHttp2Client.Frame(
                                RawHttp2Client.DATA, RawHttp2Client.END_STREAM, stream, body));
    }

    private void assertOthersAreAnswered() throws IOException {
        RawClient other = fixture.client(listener.port()).request("GET /hello HTTP/1.1");
        assertThat(other.read().body()).isEqualTo("hello");
    }

    @Test
    void answersAClientThatKnowsBeforehand() throws Exception {
        RawHttp2Client client = client().get(1, "/hello");
        Map<String, String> headers = client.headers(client.next());
        assertThat(headers)
                .isEqualTo(
                        Map.of(
                                ":status", "200",
                                "content-type", "application/json",
                                "content-length", "5"));
        assertThat(client.next().payload()).isEqualTo("hello");
        assertThat(listener.connections()).isEqualTo(1);
    }

    @Test
    void knowsThePrefaceHoweverItArrives() throws IOException {
        RawClient slow = fixture.client(listener.port());
        byte[] settings = RawHttp2Client.frame(RawHttp2Client.SETTINGS, 0, 0, new byte[0]);
        for (char c : RawHttp2Client.PREFACE.toCharArray()) {
            slow.send(String.valueOf(c));
        }
        slow.send(settings);
        assertThat(slow.readBytes(9)[3]).isEqualTo((byte) RawHttp2Client.SETTINGS);
    }

    @Test
    void takesNothingElseForThePreface() throws IOException {
        RawClient client = fixture.client(listener.port()).send("PRI * HTTP/1.1\r\n\r\n");
        assertThat(client.read().body()).isEqualTo("{\"error\":\"no *\"}");
        client = fixture.client(listener.port()).send("P").send("OST /hello HTTP/1.1\r\n\r\n");
        assertThat(client.read().body()).isEqualTo("hello");
    }

    @Test
    void readsBodiesWithAndWithoutLength() throws IOException {
        RawHttp2Client client = client();
        client.head(1, false, "POST", "/echo", "content-length", "6");
        client.data(1, false, "abc").data(1, true, "def");
        assertAnswered(client, 1, "abcdef");
        client.head(3, false, "POST", "/echo").data(3, false, "abc").data(3, true, "de");
        assertAnswered(client, 3, "abcde");
        client.head(5, false, "POST", "/echo").data(5, true, "");
        assertThat(client.next().stream()).isEqualTo(5);
    }

    @Test
    void answersOneStreamWhileAnotherWaits() throws Exception {
        RawHttp2Client client = client().get(1, "/hold");
        HttpExchange first = routes.nextHeld();
        client.get(3, "/hello");
        assertAnswered(client, 3, "hello");
        Thread.ofPlatform().start(() -> first.reply(TestRoutes.text("first"))).join();
        assertAnswered(client, 1, "first");
    }

    @Test
    void sendsAnswersPieceByPiece() throws Exception {
        RawHttp2Client client = client().get(1, "/pieces");
        Map<String, String> headers = client.headers(client.next());
        assertThat(headers).containsOnlyKeys(":status", "content-type");
        StringBuilder body = new StringBuilder();
        RawHttp2Client.Frame piece = client.next();
        while (!piece.endsStream()) {
            body.append(piece.payload());
            piece = client.next();
        }
        assertThat(body.append(piece.payload())).hasToString("one two");
    }

    @Test
    void showsRoutesTheHeadersThatWereSent() throws IOException {
        RawHttp2Client client = client().head(1, true, "GET", "/names", "x-mine", "1");
        assertAnswered(client, 1, "host x-mine");
    }

    @Test
    void saysNothingOfConnectionsToHttp2() throws Exception {
        RawHttp2Client client = client().head(1, false, "POST", "/small", "content-length", "11");
        Map<String, String> headers = client.headers(client.next());
        assertThat(headers).containsOnlyKeys(":status", "content-type", "content-length");
        assertThat(headers).containsEntry(":status", "400");
    }

    @Test
    void givesLeaveToSendABody() throws Exception {
        RawHttp2Client client = client().head(1, false, "POST", "/echo", "expect", "100-continue");
        RawHttp2Client.Frame leave = client.next();
        assertThat(client.headers(leave)).isEqualTo(Map.of(":status", "100"));
        assertThat(leave.endsStream()).isFalse();
        client.data(1, true, "body");
        assertAnswered(client, 1, "body");
    }

    @Test
    void refusesABodyBeforeItComesWithoutAnError() throws Exception {
        RawHttp2Client client =
                client().head(
                                1,
                                false,
                                "POST",
                                "/small",
                                "content-length",
                                "11",
                                "expect",
                                "100-continue");
        assertThat(client.headers(client.next())).containsEntry(":status", "400");
        assertThat(client.next().payload()).contains("11 bytes are too many");
        RawHttp2Client.Frame reset = client.next();
        assertThat(reset.type()).isEqualTo(RawHttp2Client.RESET);
        assertThat(reset.resetCode()).isEqualTo(NO_ERROR);
        client.get(3, "/hello");
        assertAnswered(client, 3, "hello");
    }

    @Test
    void tellsWhoWorksThatAStreamWasReset() throws Exception {
        RawHttp2Client client = client().get(1, "/hold");
        HttpExchange exchange = routes.nextHeld();
        client.send(RawHttp2Client.RESET, 0, 1, new byte[] {0, 0, 0, CANCEL});
        assertThat(routes.disconnected.await(30, TimeUnit.SECONDS)).isTrue();
        exchange.reply(TestRoutes.text("too late"));
        client.get(3, "/hello");
        assertAnswered(client, 3, "hello");
    }

    @Test
    void freesTheBodyOfAStreamThatWasReset() throws Exception {
        RawHttp2Client client = client();
        client.head(1, false, "POST", "/echo", "content-length", "1000").data(1, false, "half");
        client.get(3, "/hello");
        assertAnswered(client, 3, "hello");
        assertThat(fixture.admission().inFlightBytes()).isEqualTo(1000);
        client.send(RawHttp2Client.RESET, 0, 1, new byte[] {0, 0, 0, CANCEL}).get(5, "/hello");
        assertAnswered(client, 5, "hello");
        // the event loop has ended the stream before it reads anything else
        client.get(7, "/hello");
        assertAnswered(client, 7, "hello");
        assertThat(fixture.admission().inFlightBytes()).isZero();
    }

    @Test
    void resetsAStreamWhoseBodyIsNotAsLongAsItSaid() throws Exception {
        RawHttp2Client client = client();
        client.head(1, false, "POST", "/echo", "content-length", "10").data(1, true, "short");
        assertThat(client.next().type()).isEqualTo(RawHttp2Client.RESET);
        client.get(3, "/hello");
        assertAnswered(client, 3, "hello");
        assertThat(fixture.admission().inFlightBytes()).isZero();
    }

    @Test
    void resetsARequestThatIsNone() throws Exception {
        RawHttp2Client client = client();
        client.send(
                RawHttp2Client.HEADERS,
                RawHttp2Client.END_HEADERS | RawHttp2Client.END_STREAM,
                1,
                RawHttp2Client.block(":method", "GET", ":scheme", "http"));
        RawHttp2Client.Frame reset = client.next();
        assertThat(reset.type()).isEqualTo(RawHttp2Client.RESET);
        assertThat(reset.resetCode()).isEqualTo(PROTOCOL_ERROR);
        client.get(3, "/hello");
        assertAnswered(client, 3, "hello");
    }

    @Test
    void finishesRunningStreamsWhenStopping() throws Exception {
        RawHttp2Client client = client().get(1, "/hold");
        HttpExchange exchange = routes.nextHeld();
        CompletableFuture<Void> stopped = listener.stop();
        RawHttp2Client.Frame farewell = client.next();
        assertThat(farewell.type()).isEqualTo(RawHttp2Client.GOAWAY);
        assertThat(farewell.goAwayCode()).isEqualTo(NO_ERROR);
        client.get(3, "/hello");
        assertAnswered(client, 3, "hello");
        client.send(RawHttp2Client.PING, RawHttp2Client.ACK, 0, FAREWELL_PING);
        RawHttp2Client.Frame last = client.next();
        assertThat(last.type()).isEqualTo(RawHttp2Client.GOAWAY);
        assertThat(last.lastStream()).isEqualTo(3);
        assertThat(farewell.lastStream()).isEqualTo(Integer.MAX_VALUE);
        assertThat(stopped).isNotDone();
        exchange.reply(TestRoutes.text("finished"));
        assertAnswered(client, 1, "finished");
        assertThat(client.isClosed()).isTrue();
        stopped.get(30, TimeUnit.SECONDS);
        assertThat(listener.connections()).isZero();
    }

    @Test
    void cancelsRunningStreamsWhenClosed() throws Exception {
        client().get(1, "/hold");
        HttpExchange exchange = routes.nextHeld();
        listener.close();
        assertThat(routes.disconnected.await(30, TimeUnit.SECONDS)).isTrue();
        exchange.reply(TestRoutes.text("too late"));
        assertThat(listener.connections()).isZero();
    }

    @Test
    void refusesStreamsBeyondTheLimit() throws Exception {
        RawHttp2Client client = client();
        for (int i = 0; i <= Http2Codecs.MAX_STREAMS; i++) {
            client.get(2 * i + 1, "/hold");
        }
        RawHttp2Client.Frame refused = client.next();
        assertThat(refused.type()).isIn(RawHttp2Client.RESET, RawHttp2Client.GOAWAY);
        assertOthersAreAnswered();
    }

    @Test
    void endsAConnectionThatResetsAllItsStreams() throws IOException {
        RawHttp2Client client = client();
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        byte[] head = RawHttp2Client.block(":method", "GET", ":scheme", "http", ":path", "/hold");
        for (int i = 0; i <= Http2Codecs.MAX_RESETS; i++) {
            int stream = 2 * i + 1;
            flood.writeBytes(
                    RawHttp2Client.frame(
                            RawHttp2Client.HEADERS,
                            RawHttp2Client.END_HEADERS | RawHttp2Client.END_STREAM,
                            stream,
                            head));
            flood.writeBytes(
                    RawHttp2Client.frame(
                            RawHttp2Client.RESET, 0, stream, new byte[] {0, 0, 0, CANCEL}));
        }
        sendUntilClosed(client, flood.toByteArray());
        assertThat(client.next(RawHttp2Client.GOAWAY).goAwayCode()).isEqualTo(ENHANCE_YOUR_CALM);
        assertThat(client.isClosed()).isTrue();
        assertOthersAreAnswered();
    }

    @Test
    void endsAConnectionThatPingsWithoutEnd() throws IOException {
        RawHttp2Client client = client();
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        for (int i = 0; i <= Http2Connection.MAX_CONTROL_FRAMES; i++) {
            flood.writeBytes(RawHttp2Client.frame(RawHttp2Client.PING, 0, 0, new byte[8]));
        }
        sendUntilClosed(client, flood.toByteArray());
        assertThat(client.next(RawHttp2Client.GOAWAY).goAwayCode()).isEqualTo(ENHANCE_YOUR_CALM);
        assertThat(client.isClosed()).isTrue();
        assertOthersAreAnswered();
    }

    @Test
    void refusesHeadersWithoutEnd() throws IOException {
        RawHttp2Client client = client();
        int continuation = 9;
        byte[] head = RawHttp2Client.block(":method", "GET", ":scheme", "http", ":path", "/hello");
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        flood.writeBytes(
                RawHttp2Client.frame(RawHttp2Client.HEADERS, RawHttp2Client.END_STREAM, 1, head));
        byte[] more = RawHttp2Client.block("name", "x".repeat(16_000));
        for (int i = 0; i < 1000; i++) {
            flood.writeBytes(RawHttp2Client.frame(continuation, 0, 1, more));
        }
        sendUntilClosed(client, flood.toByteArray());
        assertThat(client.isClosed()).isTrue();
        assertOthersAreAnswered();
    }

    private static void sendUntilClosed(RawHttp2Client client, byte[] flood) {
        try {
            client.sendRaw(flood);
        } catch (IOException _) {
            // the server had enough
        }
    }
}
