package io.nereid.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.cache.CacheEnvironment;
import io.nereid.backend.cache.RecordingFinding;
import io.nereid.backend.cache.RedisServer;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A real Redis server that speaks TLS only, and asks for a certificate. */
class RedisTlsTest {
    private static final String PASSWORD = "changeit";
    private static final ResponseKey KEY = new ResponseKey(1, 2, 3, 4);

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @TempDir private Path directory;

    private Path authorities;
    private Path certificate;
    private Path key;
    private RedisServer redis;

    @BeforeEach
    void start() throws Exception {
        authorities = Files.createDirectory(directory.resolve("authorities"));
        certificate = authorities.resolve("redis.pem");
        key = directory.resolve("key.pem");
        makeCertificate();
        redis =
                RedisServer.start(
                        directory,
                        "--tls-port",
                        "PORT",
                        "--tls-auth-clients",
                        "yes",
                        "--tls-cert-file",
                        certificate.toString(),
                        "--tls-key-file",
                        key.toString(),
                        "--tls-ca-cert-file",
                        certificate.toString());
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    /** One that certifies itself, for a name that is not the server's address. */
    private void makeCertificate() throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD,
                                "-alias",
                                "redis",
                                "-keyalg",
                                "EC",
                                "-validity",
                                "2",
                                "-dname",
                                "CN=redis",
                                "-ext",
                                "san=dns:redis.test")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        writePem(certificate, "CERTIFICATE", keys.getCertificate("redis").getEncoded());
        writePem(key, "PRIVATE KEY", keys.getKey("redis", PASSWORD.toCharArray()).getEncoded());
    }

    private static void writePem(Path file, String kind, byte[] content) throws Exception {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(
                file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }

    private ResponseCache open(Map<String, String> tls) {
        Map<String, String> settings = new HashMap<>(tls);
        settings.put("host", "127.0.0.1");
        settings.put("port", Integer.toString(redis.port()));
        settings.put("tls_enabled", "true");
        return new RedisCacheProvider()
                .open(new CacheEnvironment(settings, Map.of(), allocator, System::nanoTime));
    }

    private Map<String, String> own(String... namesAndValues) {
        Map<String, String> settings =
                new HashMap<>(Map.of("cert", certificate.toString(), "key", key.toString()));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return settings;
    }

    private static void requireWorking(ResponseCache cache) {
        assertThat(cache.insert(KEY, List.of())).isTrue();
        try (RecordingFinding finding = RecordingFinding.of(cache, KEY)) {
            assertThat(finding.outputs()).isPresent();
        }
    }

    private static void requireUnreachable(ResponseCache cache) {
        assertThatThrownBy(() -> cache.insert(KEY, List.of())).isInstanceOf(StatusException.class);
    }

    @Test
    void trustsAuthoritiesOfAFileOrOfADirectory() {
        String file = certificate.toString();
        String folder = authorities.toString();
        try (ResponseCache byFile = open(own("cacert", file, "sni", "redis.test"));
                ResponseCache byFolder = open(own("cacert_dir", folder, "sni", "redis.test"))) {
            requireWorking(byFile);
            requireWorking(byFolder);
        }
    }

    @Test
    void trustsNobodyElse() {
        String file = certificate.toString();
        try (ResponseCache unknown = open(own("sni", "redis.test"));
                ResponseCache otherName = open(own("cacert", file));
                ResponseCache anonymous = open(Map.of("cacert", file, "sni", "redis.test"))) {
            requireUnreachable(unknown);
            requireUnreachable(otherName);
            requireUnreachable(anonymous);
        }
    }

    @Test
    void namesAFileThatCannotBeUsed() {
        String missing = directory.resolve("missing").toString();
        for (String name : List.of("cacert", "cacert_dir", "cert")) {
            assertThatThrownBy(() -> open(own(name, missing)))
                    .isInstanceOf(StatusException.class)
                    .hasMessage("Failed to initialize RedisCache: cannot use '" + missing + "'");
        }
    }
}
