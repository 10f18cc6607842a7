package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do harm, or could; one event loop serves them all, so none may hold it. */
class BadClientsTest {
    private static final ListenerOptions IMPATIENT =
            new ListenerOptions(
                    1024,
                    Duration.ofMillis(300),
                    Duration.ofMillis(300),
                    Duration.ZERO,
                    Optional.empty());

    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private final TestRoutes routes = new TestRoutes();
    private HttpListener listener;

    @BeforeEach
    void listen() {
        listener = open(ListenerOptions.DEFAULT);
    }

    private HttpListener open(ListenerOptions options) {
        return fixture.closeLater(
                HttpListener.open(
                        new ListenAddress("127.0.0.1", 0, false),
                        fixture.transport(),
                        fixture.server(),
                        routes,
                        options));
    }

    private RawClient client() throws IOException {
        return fixture.client(listener.port());
    }

    private void assertOthersAreAnswered() throws IOException {
        assertThat(client().request("GET /hello HTTP/1.1").read().body()).isEqualTo("hello");
    }

    @Test
    void answersOthersWhileManySendByteByByte() throws IOException {
        String request = "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
        List<RawClient> slow = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            slow.add(client());
        }
        for (int i = 0; i < request.length(); i++) {
            for (RawClient each : slow) {
                each.send(request.substring(i, i + 1));
            }
            if (i % 8 == 0) {
                assertOthersAreAnswered();
            }
        }
        for (RawClient each : slow) {
            assertThat(each.read().body()).isEqualTo("abc");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "P",
                "PRI * HTTP/2.0\r\n",
                "GET /hello HT",
                "GET /hello HTTP/1.1\r\n",
                "GET /hello HTTP/1.1\r\nHost: x",
                "GET /hello HTTP/1.1\r\nHost: x\r\n",
            })
    void endsAConnectionWhoseHeadIsNeverComplete(String head) throws IOException {
        listener = open(IMPATIENT);
        RawClient idle = client();
        RawClient used = client().request("GET /hello HTTP/1.1");
        assertThat(used.read().body()).isEqualTo("hello");
        RawClient slow = client().send(head);
        assertThat(slow.isClosed()).isTrue();
        // there is no limit to how long a connection may say nothing
        assertThat(idle.request("GET /hello HTTP/1.1").read().body()).isEqualTo("hello");
        assertThat(used.request("GET /hello HTTP/1.1").read().body()).isEqualTo("hello");
    }

    @Test
    void endsAConnectionWhoseNextHeadIsNeverComplete() throws IOException {
        listener = open(IMPATIENT);
        RawClient slow = client().send("GET /hello HTTP/1.1\r\n\r\nGET /hel");
        assertThat(slow.read().body()).isEqualTo("hello");
        assertThat(slow.isClosed()).isTrue();
    }

    @Test
    void waitsForABodyWithoutLimit() throws IOException {
        listener = open(IMPATIENT);
        RawClient uploading = client().request("POST /echo HTTP/1.1", "Content-Length: 6");
        uploading.send("abc");
        RawClient slow = client().send("GET /hel");
        assertThat(slow.isClosed()).isTrue();
        assertThat(uploading.send("def").read().body()).isEqualTo("abcdef");
    }

    @Test
    void doesNotBlameAClientForWhatItDoesNotRead() throws Exception {
        listener = open(IMPATIENT);
        RawClient busy = client().send("POST /hold HTTP/1.1\r\n\r\n");
        HttpExchange held = routes.nextHeld();
        // more waits than is read ahead, and then a part of a head
        int ahead = 8;
        for (int i = 0; i < ahead; i++) {
            busy.send("POST /echo HTTP/1.1\r\nContent-Length: 20000\r\n\r\n" + "x".repeat(20000));
        }
        busy.send("GET /hel");
        assertThat(client().send("GET /hel").isClosed()).isTrue();
        held.reply(TestRoutes.text("held"));
        assertThat(busy.read().body()).isEqualTo("held");
        for (int i = 0; i < ahead; i++) {
            assertThat(busy.read().body()).hasSize(20000);
        }
        assertThat(busy.send("lo HTTP/1.1\r\n\r\n").read().body()).isEqualTo("hello");
    }

    @Test
    void answersAClientThatHasEndedItsSide() throws IOException {
        RawClient client = client().request("GET /hello HTTP/1.1").endOfInput();
        assertThat(client.read().body()).isEqualTo("hello");
        assertThat(client.isClosed()).isTrue();
        client = client().request("POST /echo HTTP/1.1", "Content-Length: 3").send("abc");
        client.request("GET /hello HTTP/1.1").endOfInput();
        assertThat(client.read().body()).isEqualTo("abc");
        assertThat(client.read().body()).isEqualTo("hello");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void answersLateAClientThatHasEndedItsSide() throws Exception {
        RawClient client = client().request("POST /hold HTTP/1.1").endOfInput();
        HttpExchange held = routes.nextHeld();
        // the answer waits until the server has asked whether anybody is there
        RawClient.Reply interim = client.read();
        assertThat(interim.statusLine()).isEqualTo("HTTP/1.1 100 Continue");
        held.reply(TestRoutes.text("late"));
        RawClient.Reply reply = client.read();
        while (reply.status() == 100) {
            reply = client.read();
        }
        assertThat(reply.body()).isEqualTo("late");
        assertThat(client.isClosed()).isTrue();
        assertThat(routes.disconnected.getCount()).isEqualTo(1);
    }

    @Test
    void cancelsForAClientThatHasGoneAfterItsRequest() throws Exception {
        client().request("POST /hold HTTP/1.1").close();
        HttpExchange held = routes.nextHeld();
        assertThat(routes.disconnected.await(30, TimeUnit.SECONDS)).isTrue();
        held.reply(TestRoutes.text("nobody"));
    }

    @Test
    void endsAConnectionThatEndsItsSideWithinABody() throws IOException {
        RawClient client = client().request("POST /echo HTTP/1.1", "Content-Length: 1000");
        client.send("half").endOfInput();
        assertThat(client.isClosed()).isTrue();
        client = client().request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked");
        client.send("4\r\nhalf\r\n").endOfInput();
        assertThat(client.isClosed()).isTrue();
        assertThat(client().endOfInput().isClosed()).isTrue();
        assertThat(client().send("GET /hel").endOfInput().isClosed()).isTrue();
        assertThat(fixture.admission().inFlightBytes()).isZero();
    }

    @Test
    void refusesAMillionHeaders() throws IOException {
        RawClient client = client().send("GET /hello HTTP/1.1\r\n");
        int sent = 0;
        try {
            String headers = "name: value\r\n".repeat(1000);
            for (; sent < 1_000_000; sent += 1000) {
                client.send(headers);
            }
            assertThat(client.read().status()).isEqualTo(400);
        } catch (IOException _) {
            // closed before everything was sent
        }
        assertThat(client.isClosedAtLast()).isTrue();
        assertOthersAreAnswered();
    }

    @Test
    void cutsOffABodyThatNeverEnds() throws IOException {
        RawClient client = client().request("POST /small HTTP/1.1", "Transfer-Encoding: chunked");
        String chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
        long most = 2 * HttpExchange.DRAIN_BYTES;
        long sent = 0;
        try {
            while (sent < most) {
                client.send(chunk);
                sent += 1 << 20;
                if (sent % (32 << 20) == 0) {
                    assertOthersAreAnswered();
                    assertThat(fixture.admission().inFlightBytes()).isLessThan(1 << 20);
                }
            }
        } catch (IOException _) {
            // that is what is hoped for
        }
        assertThat(sent).isLessThan(most);
        assertOthersAreAnswered();
    }

    @Test
    void takesNoMoreConnectionsThanItMay() throws IOException {
        listener =
                open(
                        new ListenerOptions(
                                2,
                                Duration.ofMinutes(1),
                                Duration.ofMinutes(1),
                                Duration.ZERO,
                                Optional.empty()));
        RawClient first = client().request("GET /hello HTTP/1.1");
        assertThat(first.read().body()).isEqualTo("hello");
        RawClient second = client().request("GET /hello HTTP/1.1");
        assertThat(second.read().body()).isEqualTo("hello");
        assertThat(client().isClosed()).isTrue();
        assertThat(client().isClosed()).isTrue();
        assertThat(listener.refusedConnections()).isEqualTo(2);
        second.request("GET /hello HTTP/1.1", "Connection: close");
        assertThat(second.read().body()).isEqualTo("hello");
        assertThat(second.isClosed()).isTrue();
        assertOthersAreAnswered();
    }
}
