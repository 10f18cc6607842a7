package io.nereid.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.cache.CacheEnvironment;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisSettingsTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private RedisSettings.Read read(Map<String, String> more, Map<String, String> variables) {
        Map<String, String> settings = new HashMap<>(Map.of("host", "redis", "port", "6379"));
        settings.putAll(more);
        settings.values().removeIf(value -> value.equals("-"));
        return RedisSettings.of(
                new CacheEnvironment(settings, variables, allocator, System::nanoTime));
    }

    private RedisSettings settings(String... namesAndValues) {
        Map<String, String> more = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            more.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return read(more, Map.of()).settings();
    }

    @Test
    void needsHostAndPortOnly() {
        RedisSettings settings = settings();

        assertThat(settings.address()).isEqualTo("redis:6379");
        assertThat(settings.user()).isEmpty();
        assertThat(settings.password()).isEmpty();
        assertThat(settings.database()).isZero();
        assertThat(settings.connections()).isEqualTo(1);
        assertThat(settings.answerTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.timeToLive()).isEmpty();
        assertThat(settings.tls()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "host|-|config didn't contain a valid 'host' field.",
                "port|-|config didn't contain a valid 'port' field.",
                "port|0|'port' must be a whole number from 1 to 65535. Got '0'",
                "db|x|'db' must be a whole number from 0 to 2147483647. Got 'x'",
                "pool_size|0|'pool_size' must be a whole number from 1 to 1024. Got '0'",
                "tls_enabled|si|'tls_enabled' must be true or false. Got 'si'"
            })
    void saysWhatIsWrong(String name, String value, String text) {
        assertThatThrownBy(() -> settings(name, value))
                .isInstanceOf(StatusException.class)
                .hasMessage("Failed to initialize RedisCache: " + text);
    }

    @Test
    void takesUserAndPasswordFromFlagsBeforeTheEnvironment() {
        Map<String, String> variables =
                Map.of("TRITONCACHE_REDIS_USERNAME", "u", "TRITONCACHE_REDIS_PASSWORD", "p");

        RedisSettings fromVariables = read(Map.of(), variables).settings();
        assertThat(fromVariables.user()).contains("u");
        assertThat(fromVariables.password()).contains("p");
        RedisSettings fromFlags =
                read(Map.of("user", "me", "password", "mine"), variables).settings();
        assertThat(fromFlags.user()).contains("me");
        assertThat(fromFlags.password()).contains("mine");
        assertThat(fromFlags.toString()).doesNotContain("mine");
    }

    @Test
    void neverWaitsForEver() {
        assertThat(settings("socket_timeout", "0", "wait_timeout", "0").answerTimeout())
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(settings("socket_timeout", "50").answerTimeout())
                .isEqualTo(Duration.ofMillis(50));
        assertThat(settings("wait_timeout", "30", "socket_timeout", "50").answerTimeout())
                .isEqualTo(Duration.ofMillis(30));
        assertThat(settings("connect_timeout", "70").connectTimeout())
                .isEqualTo(Duration.ofMillis(70));
    }

    @Test
    void readsHowConnectionsAreProtected() {
        RedisSettings.Tls tls =
                settings(
                                "tls_enabled",
                                "true",
                                "cert",
                                "/c",
                                "key",
                                "/k",
                                "cacert",
                                "/a",
                                "cacert_dir",
                                "/d",
                                "sni",
                                "name")
                        .tls()
                        .orElseThrow();

        assertThat(tls.certificate())
                .contains(new RedisSettings.Pair(Path.of("/c"), Path.of("/k")));
        assertThat(tls.authority()).contains(Path.of("/a"));
        assertThat(tls.authorities()).contains(Path.of("/d"));
        assertThat(tls.serverName()).contains("name");
        assertThatThrownBy(() -> settings("tls_enabled", "true", "cert", "/c"))
                .hasMessageContaining("'cert' and 'key' belong together");
    }

    @Test
    void knowsWhatItDoesNotKnow() {
        assertThat(read(Map.of("shards", "2"), Map.of()).unread()).containsExactly("shards");
    }
}
