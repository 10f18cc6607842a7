package io.nereid.server.security;

import io.nereid.protocol.StatusException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of one port, which follow their files: every few seconds the files are read, and
 * what is new and fits together is used for the connections that come after. Whatever cannot be
 * used is logged once, and the certificates stay as they are.
 *
 * <p>The files are compared by content: they are small, and replaced files may have the size and
 * the time of the old ones, or lie behind links. Files are read on a control thread; {@link
 * #context} may be called from any thread and never blocks.
 */
public final class TlsCertificates implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TlsCertificates.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final Path certificate;
    private final Path key;
    private final Optional<Path> clientAuthorities;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread watcher;

    /** What is in use; written by whoever calls {@link #check}, one at a time. */
    private volatile SSLContext context;

    /** The content that was looked at last, good or bad; touched by the watcher only. */
    private TlsFiles seen;

    /** The last complaint about a file that could not be read; touched by the watcher only. */
    private String complaint = "";

    private TlsCertificates(
            Path certificate, Path key, Optional<Path> clientAuthorities, Duration interval) {
        this.certificate = certificate;
        this.key = key;
        this.clientAuthorities = clientAuthorities;
        this.seen = TlsFiles.read(certificate, key, clientAuthorities);
        this.context = seen.context();
        tell(seen);
        this.watcher =
                Thread.ofVirtual()
                        .name("nereid-control-tls")
                        .uncaughtExceptionHandler(
                                (_, e) -> log.error("certificates are not watched any more", e))
                        .unstarted(() -> watch(interval));
    }

    /**
     * Reads the files and begins to watch them. Blocks.
     *
     * @param certificate PEM file with the server's chain, its own certificate first
     * @param key PEM file with the private key, not encrypted
     * @param clientAuthorities PEM file with those who certify clients; empty if clients need no
     *     certificate
     * @throws StatusException INVALID_ARG naming the file that is missing or no good
     */
    public static TlsCertificates open(
            Path certificate, Path key, Optional<Path> clientAuthorities) {
        return open(certificate, key, clientAuthorities, INTERVAL);
    }

    static TlsCertificates open(
            Path certificate, Path key, Optional<Path> clientAuthorities, Duration interval) {
        TlsCertificates certificates =
                new TlsCertificates(certificate, key, clientAuthorities, interval);
        certificates.watcher.start();
        return certificates;
    }

    /** The context for new connections; another one after certificates have changed. */
    public SSLContext context() {
        return context;
    }

    /** Whether clients must show a certificate. */
    public boolean clientsNeedCertificate() {
        return clientAuthorities.isPresent();
    }

    private void watch(Duration interval) {
        try {
            while (!closed.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                check();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes what has changed. Called by the watcher, or by a test in its place. */
    void check() {
        try {
            TlsFiles now = TlsFiles.read(certificate, key, clientAuthorities);
            if (!now.equals(seen)) {
                seen = now;
                context = now.context();
                tell(now);
            }
            complaint = "";
        } catch (StatusException e) {
            complain(e);
        }
    }

    /** A file that stays away is told of once, not every few seconds. */
    private void complain(StatusException failure) {
        if (!complaint.equals(failure.text())) {
            complaint = failure.text();
            log.error("certificates stay as they were: {}", failure.text(), failure);
        }
    }

    private static void tell(TlsFiles files) {
        X509Certificate own = files.chain().getFirst();
        log.info(
                "certificate of {} from {} is valid until {}",
                own.getSubjectX500Principal(),
                files.certificate().path(),
                own.getNotAfter().toInstant());
    }

    /** Ends the watch; the certificates stay usable. Blocks for as long as a file is read. */
    @Override
    public void close() {
        closed.countDown();
        try {
            watcher.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
