package io.nereid.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsCertificatesTest {
    private static final Duration NEVER = Duration.ofDays(1);

    private TestCertificates first;
    private TestCertificates second;
    private TestCertificates.Pems files;
    private TlsCertificates certificates;

    @BeforeAll
    void makeCertificates(@TempDir Path directory) throws Exception {
        first = TestCertificates.make(directory, "first", "EC");
        second = TestCertificates.make(directory, "second", "Ed25519");
    }

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        files = first.write(directory);
        certificates = open(NEVER);
    }

    private TlsCertificates open(Duration interval) {
        return TlsCertificates.open(
                files.certificate(), files.key(), Optional.of(files.root()), interval);
    }

    @AfterEach
    void close() {
        certificates.close();
    }

    @Test
    void staysWithFilesThatDoNotChange() throws IOException {
        SSLContext before = certificates.context();
        certificates.check();
        Files.writeString(files.certificate(), first.chain("server"));
        certificates.check();
        assertThat(certificates.context()).isSameAs(before);
    }

    @Test
    void takesFilesThatHaveChanged() throws IOException {
        SSLContext before = certificates.context();
        second.write(files.directory());
        certificates.check();
        assertThat(certificates.context()).isNotSameAs(before);
    }

    @Test
    void waitsUntilCertificateAndKeyFitTogether() throws IOException {
        SSLContext before = certificates.context();
        Files.writeString(files.certificate(), second.chain("server"));
        certificates.check();
        assertThat(certificates.context()).isSameAs(before);
        Files.writeString(files.key(), second.key("server"));
        certificates.check();
        assertThat(certificates.context()).isNotSameAs(before);
    }

    @Test
    void staysWithTheOldWhileAFileIsHalfWrittenBrokenOrAway() throws IOException {
        SSLContext before = certificates.context();
        String whole = second.chain("server");
        Files.writeString(files.certificate(), whole.substring(0, whole.length() / 3));
        certificates.check();
        Files.writeString(files.certificate(), "garbage");
        certificates.check();
        Files.delete(files.certificate());
        certificates.check();
        certificates.check();
        assertThat(certificates.context()).isSameAs(before);
        Files.writeString(files.certificate(), whole);
        Files.writeString(files.key(), second.key("server"));
        certificates.check();
        assertThat(certificates.context()).isNotSameAs(before);
    }

    @Test
    void followsTheRootCertificateToo() throws IOException {
        SSLContext before = certificates.context();
        Files.writeString(files.root(), first.authority() + second.authority());
        certificates.check();
        assertThat(certificates.context()).isNotSameAs(before);
    }

    @Test
    void watchesByItself() throws IOException {
        try (TlsCertificates watching = open(Duration.ofMillis(5))) {
            SSLContext before = watching.context();
            second.write(files.directory().resolve("new"));
            // key first: for a moment it does not fit
            for (String name : new String[] {"server.key", "server.crt"}) {
                Files.move(
                        files.root().resolveSibling("new").resolve(name),
                        files.root().resolveSibling(name),
                        StandardCopyOption.ATOMIC_MOVE);
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (watching.context().equals(before) && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(watching.context()).isNotSameAs(before);
        }
    }

    @Test
    void namesTheFileThatKeepsItFromStarting() throws IOException {
        Files.writeString(files.key(), second.key("server"));
        assertThatThrownBy(() -> open(NEVER))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "TLS server key '%s': is not the key of the first certificate in '%s'",
                        files.key(), files.certificate());
        Files.delete(files.key());
        assertThatThrownBy(() -> open(NEVER))
                .isInstanceOf(StatusException.class)
                .hasMessage("TLS server key '%s': no such file", files.key());
        Files.createDirectory(files.key());
        assertThatThrownBy(() -> open(NEVER))
                .isInstanceOf(StatusException.class)
                .hasMessageStartingWith("TLS server key '" + files.key() + "': ");
        Files.writeString(files.root(), "nothing");
        Files.delete(files.key());
        Files.writeString(files.key(), first.key("server"));
        assertThatThrownBy(() -> open(NEVER))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "TLS root certificate '%s': no certificate in it, expected a PEM block"
                                + " CERTIFICATE",
                        files.root());
    }

    @Test
    void refusesAFileThatIsFarTooLarge() throws IOException {
        Files.write(files.root(), new byte[5 << 20]);
        assertThatThrownBy(() -> open(NEVER))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining("expected at most 4194304 bytes, found more");
    }

    @Test
    void keepsThePrivateKeyOutOfTexts() throws IOException {
        TlsFiles read = TlsFiles.read(files.certificate(), files.key(), Optional.of(files.root()));
        assertThat(read.toString()).doesNotContain("PRIVATE").contains("server.key");
    }
}
