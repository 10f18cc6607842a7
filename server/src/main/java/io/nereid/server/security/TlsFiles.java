package io.nereid.server.security;

import io.nereid.protocol.StatusException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificate files of a port as they were when they were read, so that what is compared is
 * what is used.
 *
 * @param clientAuthorities whom clients must be certified by; empty if they need no certificate
 */
record TlsFiles(PemFile certificate, PemFile key, Optional<PemFile> clientAuthorities) {
    private static final char[] NO_PASSWORD = {};

    /**
     * Reads the files. Blocks.
     *
     * @throws StatusException INVALID_ARG naming the file that cannot be read
     */
    static TlsFiles read(Path certificate, Path key, Optional<Path> clientAuthorities) {
        return new TlsFiles(
                PemFile.read("server certificate", certificate),
                PemFile.read("server key", key),
                clientAuthorities.map(path -> PemFile.read("root certificate", path)));
    }

    /** The server's certificate, and those between it and its authority. */
    List<X509Certificate> chain() {
        return certificates(certificate);
    }

    /**
     * A context with the server's certificate, which knows nothing of any context before it: no
     * session is resumed that was begun under other certificates.
     *
     * @throws StatusException INVALID_ARG naming the file that is no good
     */
    SSLContext context() {
        KeyManager[] keys = keyManagers();
        // an empty list trusts nobody; null would be the JDK's own authorities
        TrustManager[] trust =
                clientAuthorities.map(TlsFiles::trustManagers).orElse(new TrustManager[0]);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK lacks TLS", e);
        }
    }

    private KeyManager[] keyManagers() {
        List<X509Certificate> chain = chain();
        PrivateKey privateKey = privateKey();
        try {
            if (!PrivateKeys.match(privateKey, chain.getFirst().getPublicKey())) {
                throw mismatch();
            }
            KeyStore store = emptyStore();
            store.setKeyEntry(
                    "server", privateKey, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw certificate.bad(e);
        }
    }

    private StatusException mismatch() {
        return key.bad(
                new IllegalArgumentException(
                        "is not the key of the first certificate in '" + certificate.path() + "'"));
    }

    private PrivateKey privateKey() {
        try {
            return PrivateKeys.read(key.text());
        } catch (IllegalArgumentException e) {
            throw key.bad(e);
        }
    }

    private static TrustManager[] trustManagers(PemFile roots) {
        try {
            KeyStore store = emptyStore();
            for (X509Certificate root : certificates(roots)) {
                store.setCertificateEntry("root-" + store.size(), root);
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException e) {
            throw roots.bad(e);
        }
    }

    private static List<X509Certificate> certificates(PemFile file) {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Pem.Block block : Pem.blocks(file.text())) {
                if (block.label().endsWith("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate)
                                    factory.generateCertificate(
                                            new ByteArrayInputStream(block.content())));
                }
            }
        } catch (CertificateException | IllegalArgumentException e) {
            throw file.bad(e);
        }
        if (certificates.isEmpty()) {
            throw file.bad(
                    new CertificateException(
                            "no certificate in it, expected a PEM block CERTIFICATE"));
        }
        return certificates;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new IllegalStateException("an empty key store reads nothing", e);
        }
        return store;
    }
}
