package io.nereid.cache.redis;

import io.lettuce.core.SslOptions;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** Makes Lettuce's TLS settings of ours. */
final class RedisTls {
    private RedisTls() {}

    /**
     * Reads the files.
     *
     * @throws StatusException INVALID_ARG naming the file that cannot be used
     */
    static SslOptions options(RedisSettings.Tls tls) {
        SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
        List<Certificate> authorities = new ArrayList<>();
        tls.authority().ifPresent(file -> authorities.addAll(certificates(file)));
        tls.authorities()
                .ifPresent(directory ->
                        files(directory).forEach(file -> authorities.addAll(certificates(file))));
        if (!authorities.isEmpty()) {
            options.trustManager(trusting(authorities));
        }
        tls.certificate()
                .ifPresent(pair -> {
                    requireFile(pair.certificate());
                    requireFile(pair.key());
                    options.keyManager(
                            pair.certificate().toFile(), pair.key().toFile(), new char[0]);
                });
        tls.serverName()
                .ifPresent(name ->
                        options.sslParameters(() -> {
                            SSLParameters parameters = new SSLParameters();
                            parameters.setServerNames(List.of(new SNIHostName(name)));
                            return parameters;
                        }));
        return options.build();
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    private static List<Certificate> certificates(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(file, e);
        }
    }

    private static TrustManagerFactory trusting(List<Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority " + i, authorities.get(i));
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("the JDK's own key store cannot be used", e);
        }
    }

    private static void requireFile(Path file) {
        if (!Files.isReadable(file)) {
            throw StatusException.invalidArgument(unusable(file));
        }
    }

    private static StatusException unusable(Path file, Exception cause) {
        StatusException refusal = StatusException.invalidArgument(unusable(file));
        refusal.initCause(cause);
        return refusal;
    }

    private static String unusable(Path file) {
        return "Failed to initialize RedisCache: cannot use '" + file + "'";
    }
}
