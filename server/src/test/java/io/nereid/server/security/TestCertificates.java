package io.nereid.server.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * An authority that certifies a server on loopback and a client, made by the JDK's own tool when a
 * test needs it, so that nothing runs out.
 */
public final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private final KeyStore store;

    private TestCertificates(KeyStore store) {
        this.store = store;
    }

    /**
     * Makes an authority with its server and client.
     *
     * @param directory where files may lie
     * @param name tells authorities apart
     * @param algorithm of the keys; {@code RSA} takes long to make, {@code EC} does not
     */
    public static TestCertificates make(Path directory, String name, String algorithm)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path file = directory.resolve(name + ".p12");
        keytool(file, "ca", algorithm, "-dname", "CN=" + name + " authority", "-ext", "bc:c");
        keytool(
                file,
                "server",
                algorithm,
                "-signer",
                "ca",
                "-dname",
                "CN=" + name + " server",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1");
        keytool(file, "client", algorithm, "-signer", "ca", "-dname", "CN=" + name + " client");
        return new TestCertificates(KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray()));
    }

    private static void keytool(Path file, String alias, String algorithm, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-keystore", file.toString(), "-alias", alias));
        command.addAll(List.of("-storepass", PASSWORD, "-keyalg", algorithm, "-validity", "2"));
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + output);
        }
    }

    /** Writes the server's certificate, its key and the authority as PEM files. */
    public Pems write(Path directory) throws IOException {
        Pems pems = Pems.in(Files.createDirectories(directory));
        Files.writeString(pems.certificate(), chain("server"));
        Files.writeString(pems.key(), key("server"));
        Files.writeString(pems.root(), authority());
        return pems;
    }

    /**
     * PEM files.
     *
     * @param root the authority
     */
    public record Pems(Path directory, Path certificate, Path key, Path root) {
        static Pems in(Path directory) {
            return new Pems(
                    directory,
                    directory.resolve("server.crt"),
                    directory.resolve("server.key"),
                    directory.resolve("ca.crt"));
        }
    }

    /** Certificate of {@code server} or {@code client} with its authority, as PEM. */
    public String chain(String alias) {
        try {
            StringBuilder pem = new StringBuilder();
            for (Certificate certificate : store.getCertificateChain(alias)) {
                pem.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
            return pem.toString();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The authority's certificate, as PEM. */
    public String authority() {
        return chain("ca");
    }

    /** Private key of {@code server} or {@code client}, as PEM with PKCS#8. */
    public String key(String alias) {
        return pem("PRIVATE KEY", privateKey(alias).getEncoded());
    }

    Key privateKey(String alias) {
        try {
            return store.getKey(alias, PASSWORD.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    Certificate certificate(String alias) throws GeneralSecurityException {
        return store.getCertificate(alias);
    }

    static String pem(String label, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    /** What a client needs that trusts this authority and shows no certificate. */
    public SSLContext client() throws GeneralSecurityException, IOException {
        return context(this);
    }

    /** What a client needs that trusts this authority and shows a certificate of {@code other}. */
    public SSLContext clientCertifiedBy(TestCertificates other)
            throws GeneralSecurityException, IOException {
        KeyStore keys = emptyStore();
        keys.setKeyEntry(
                "client",
                other.privateKey("client"),
                PASSWORD.toCharArray(),
                other.store.getCertificateChain("client"));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), trust(this).getTrustManagers(), null);
        return context;
    }

    /** What a client needs that trusts any of these authorities and shows no certificate. */
    public static SSLContext context(TestCertificates... trusted)
            throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust(trusted).getTrustManagers(), null);
        return context;
    }

    private static TrustManagerFactory trust(TestCertificates... trusted)
            throws GeneralSecurityException, IOException {
        KeyStore roots = emptyStore();
        for (TestCertificates each : trusted) {
            roots.setCertificateEntry("root-" + roots.size(), each.store.getCertificate("ca"));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(roots);
        return factory;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
