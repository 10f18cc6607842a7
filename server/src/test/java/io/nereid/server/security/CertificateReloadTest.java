package io.nereid.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.server.netty.HttpListener;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.ListenAddress;
import io.nereid.server.netty.ListenerOptions;
import io.nereid.server.netty.ServerFixture;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that change while a port is in use. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CertificateReloadTest {
    @RegisterExtension final ServerFixture fixture = new ServerFixture();

    private TestCertificates first;
    private TestCertificates second;
    private TestCertificates.Pems files;

    @BeforeAll
    void makeCertificates(@TempDir Path directory) throws Exception {
        first = TestCertificates.make(directory, "first", "EC");
        second = TestCertificates.make(directory, "second", "EC");
    }

    @BeforeEach
    void writeFiles(@TempDir Path directory) throws IOException {
        files = first.write(directory);
    }

    private TlsCertificates open(boolean mutual) {
        return fixture.closeLater(
                TlsCertificates.open(
                        files.certificate(),
                        files.key(),
                        mutual ? Optional.of(files.root()) : Optional.empty(),
                        Duration.ofDays(1)));
    }

    private HttpListener listen(TlsCertificates certificates) {
        return fixture.closeLater(
                HttpListener.open(
                        new ListenAddress("127.0.0.1", 0, false),
                        fixture.transport(),
                        fixture.server(),
                        (_, exchange) -> exchange.reply(HttpReply.json(new byte[] {'1'})),
                        ListenerOptions.of(1024, Optional.of(certificates))));
    }

    private HttpClient client(SSLContext context) {
        return fixture.closeLater(HttpClient.newBuilder().sslContext(context).build());
    }

    private static Certificate[] get(HttpClient client, HttpListener listener)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("https://localhost:" + listener.port() + "/"))
                        .timeout(Duration.ofSeconds(60))
                        .build();
        HttpResponse<String> reply = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(reply.statusCode()).isEqualTo(200);
        return reply.sslSession().orElseThrow().getPeerCertificates();
    }

    @Test
    void showsTheNewCertificateToNewConnectionsOnly() throws Exception {
        TlsCertificates certificates = open(false);
        HttpListener listener = listen(certificates);
        SSLContext trustsBoth = TestCertificates.context(first, second);
        HttpClient old = client(trustsBoth);
        assertThat(get(old, listener)[0]).isEqualTo(first.certificate("server"));
        second.write(files.directory());
        certificates.check();
        assertThat(get(client(trustsBoth), listener)[0]).isEqualTo(second.certificate("server"));
        assertThat(get(old, listener)[0]).isEqualTo(first.certificate("server"));
        assertThat(listener.connections()).isEqualTo(2);
    }

    @Test
    void forgetsWhoseClientsItTrusted() throws Exception {
        TlsCertificates certificates = open(true);
        HttpListener listener = listen(certificates);
        SSLContext ofFirst = first.clientCertifiedBy(first);
        get(client(ofFirst), listener);
        Files.writeString(files.root(), second.authority());
        certificates.check();
        // also not by resuming a session of before, which this context remembers
        assertThatThrownBy(() -> get(client(ofFirst), listener)).isInstanceOf(IOException.class);
        get(client(first.clientCertifiedBy(second)), listener);
    }

    @Test
    void failsNoRequestWhileCertificatesChange() throws Exception {
        TlsCertificates certificates = open(false);
        HttpListener listener = listen(certificates);
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answered = new ArrayList<>();
            answered.add(users.submit(() -> keepAsking(listener, done)));
            answered.add(users.submit(() -> keepComing(listener, done)));
            answered.add(users.submit(() -> keepComing(listener, done)));
            for (int i = 0; i < 20; i++) {
                TestCertificates next = i % 2 == 0 ? second : first;
                Files.writeString(files.certificate(), next.chain("server"));
                certificates.check();
                Files.writeString(files.key(), next.key("server"));
                certificates.check();
                get(client(TestCertificates.context(next)), listener);
            }
            done.set(true);
            for (Future<Integer> each : answered) {
                assertThat(each.get()).isPositive();
            }
        }
    }

    /** Requests on one connection. */
    private int keepAsking(HttpListener listener, AtomicBoolean done) throws Exception {
        int answered = 0;
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(TestCertificates.context(first, second))
                        .build()) {
            while (!done.get()) {
                get(client, listener);
                answered++;
            }
        }
        return answered;
    }

    /** A new connection for each request. */
    private int keepComing(HttpListener listener, AtomicBoolean done) throws Exception {
        int answered = 0;
        while (!done.get()) {
            try (HttpClient client =
                    HttpClient.newBuilder()
                            .sslContext(TestCertificates.context(first, second))
                            .build()) {
                get(client, listener);
                answered++;
            }
        }
        return answered;
    }
}
