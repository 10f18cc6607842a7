package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.server.security.TestCertificates;
import io.nereid.server.security.TlsCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpTlsTest {
    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private TestCertificates ours;
    private TestCertificates strangers;
    private TestCertificates.Pems files;

    @BeforeAll
    void makeCertificates(@TempDir Path directory) throws Exception {
        ours = TestCertificates.make(directory, "ours", "EC");
        strangers = TestCertificates.make(directory, "strangers", "EC");
        files = ours.write(directory);
    }

    private HttpListener listen(TestRoutes routes, boolean mutual) {
        return listen(routes, mutual, Duration.ofSeconds(30));
    }

    private HttpListener listen(TestRoutes routes, boolean mutual, Duration handshakeTime) {
        TlsCertificates certificates =
                fixture.closeLater(
                        TlsCertificates.open(
                                files.certificate(),
                                files.key(),
                                mutual ? Optional.of(files.root()) : Optional.empty()));
        return fixture.closeLater(
                HttpListener.open(
                        new ListenAddress("127.0.0.1", 0, false),
                        fixture.transport(),
                        fixture.server(),
                        routes,
                        new ListenerOptions(
                                1024,
                                Duration.ofMinutes(1),
                                handshakeTime,
                                Duration.ZERO,
                                Optional.of(certificates))));
    }

    private HttpClient client(SSLContext context, HttpClient.Version version) {
        return fixture.closeLater(
                HttpClient.newBuilder().sslContext(context).version(version).build());
    }

    private static HttpRequest.Builder to(HttpListener listener, String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + listener.port() + path))
                .timeout(Duration.ofSeconds(60));
    }

    private static HttpResponse<byte[]> post(
            HttpClient client, HttpListener listener, String path, byte[] body)
            throws IOException, InterruptedException {
        return client.send(
                to(listener, path).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void speaksWhatTheClientAsksFor(HttpClient.Version version) throws Exception {
        HttpListener listener = listen(new TestRoutes(), false);
        HttpClient client = client(ours.client(), version);
        byte[] body = new byte[5_000_000];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) (i * 31 + i / 1000);
        }
        HttpResponse<byte[]> reply = post(client, listener, "/echo", body);
        assertThat(reply.version()).isEqualTo(version);
        assertThat(reply.body()).isEqualTo(body);
        assertThat(post(client, listener, "/pieces", new byte[0]).body())
                .asString()
                .isEqualTo("one two");
        assertThat(post(client, listener, "/nowhere", new byte[0]).statusCode()).isEqualTo(400);
    }

    @Test
    void answersManyStreamsAtOnce() throws Exception {
        HttpListener listener = listen(new TestRoutes(), false);
        HttpClient client = client(ours.client(), HttpClient.Version.HTTP_2);
        assertThat(post(client, listener, "/hello", new byte[0]).statusCode()).isEqualTo(200);
        List<CompletableFuture<HttpResponse<byte[]>>> replies = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            replies.add(
                    client.sendAsync(
                            to(listener, "/echo")
                                    .POST(HttpRequest.BodyPublishers.ofString("body " + i))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray()));
        }
        for (int i = 0; i < 200; i++) {
            assertThat(replies.get(i).get(60, TimeUnit.SECONDS).body())
                    .asString()
                    .isEqualTo("body " + i);
        }
        assertThat(listener.connections()).isEqualTo(1);
    }

    @Test
    void cancelsTheStreamOfAClientThatGivesUp() throws Exception {
        TestRoutes routes = new TestRoutes();
        HttpListener listener = listen(routes, false);
        HttpClient client = client(ours.client(), HttpClient.Version.HTTP_2);
        CompletableFuture<HttpResponse<Void>> reply =
                client.sendAsync(
                        to(listener, "/hold").build(), HttpResponse.BodyHandlers.discarding());
        HttpExchange exchange = routes.nextHeld();
        reply.cancel(true);
        assertThat(routes.disconnected.await(30, TimeUnit.SECONDS)).isTrue();
        exchange.reply(TestRoutes.text("too late"));
    }

    @Test
    void refusesABodyOverHttp2WithoutFailingTheClient() throws Exception {
        HttpListener listener = listen(new TestRoutes(), false);
        HttpClient client = client(ours.client(), HttpClient.Version.HTTP_2);
        HttpResponse<byte[]> reply = post(client, listener, "/small", new byte[3_000_000]);
        assertThat(reply.statusCode()).isEqualTo(400);
        assertThat(reply.body()).asString().contains("3000000 bytes are too many");
    }

    @Test
    void asksClientsForACertificateOfTheRoot() throws Exception {
        HttpListener listener = listen(new TestRoutes(), true);
        HttpClient known = client(ours.clientCertifiedBy(ours), HttpClient.Version.HTTP_2);
        assertThat(post(known, listener, "/hello", new byte[0]).body())
                .asString()
                .isEqualTo("hello");
        HttpClient stranger = client(ours.clientCertifiedBy(strangers), HttpClient.Version.HTTP_2);
        assertThatThrownBy(() -> post(stranger, listener, "/hello", new byte[0]))
                .isInstanceOf(IOException.class);
        HttpClient nobody = client(ours.client(), HttpClient.Version.HTTP_1_1);
        assertThatThrownBy(() -> post(nobody, listener, "/hello", new byte[0]))
                .isInstanceOf(IOException.class);
        assertThat(post(known, listener, "/hello", new byte[0]).statusCode()).isEqualTo(200);
    }

    @Test
    void isNotTrustedByAClientOfAnotherRoot() throws Exception {
        HttpListener listener = listen(new TestRoutes(), false);
        HttpClient client = client(strangers.client(), HttpClient.Version.HTTP_2);
        assertThatThrownBy(() -> post(client, listener, "/hello", new byte[0]))
                .isInstanceOf(IOException.class);
    }

    @Test
    void endsAConnectionThatSpeaksNoTls() throws Exception {
        HttpListener listener = listen(new TestRoutes(), false);
        RawClient plain = fixture.client(listener.port()).request("GET /hello HTTP/1.1");
        // an alert at most, no HTTP
        assertThatThrownBy(plain::read).isInstanceOf(IOException.class);
        assertThat(
                        post(
                                        client(ours.client(), HttpClient.Version.HTTP_1_1),
                                        listener,
                                        "/hello",
                                        new byte[0])
                                .statusCode())
                .isEqualTo(200);
    }

    @Test
    void endsAConnectionWhoseHandshakeStandsStill() throws Exception {
        HttpListener listener = listen(new TestRoutes(), false, Duration.ofMillis(300));
        RawClient silent = fixture.client(listener.port());
        RawClient begun = fixture.client(listener.port()).send("\u0016\u0003\u0001");
        assertThat(silent.isClosed()).isTrue();
        assertThat(begun.isClosed()).isTrue();
        HttpClient client = client(ours.client(), HttpClient.Version.HTTP_2);
        assertThat(post(client, listener, "/hello", new byte[0]).statusCode()).isEqualTo(200);
    }

    @Test
    void finishesRunningRequestsWhenStopping() throws Exception {
        TestRoutes routes = new TestRoutes();
        HttpListener listener = listen(routes, false);
        HttpClient client = client(ours.client(), HttpClient.Version.HTTP_2);
        CompletableFuture<HttpResponse<String>> reply =
                client.sendAsync(
                        to(listener, "/hold").build(), HttpResponse.BodyHandlers.ofString());
        HttpExchange exchange = routes.nextHeld();
        CompletableFuture<Void> stopped = listener.stop();
        exchange.reply(TestRoutes.text("finished"));
        assertThat(reply.get(30, TimeUnit.SECONDS).body()).isEqualTo("finished");
        stopped.get(30, TimeUnit.SECONDS);
    }
}
