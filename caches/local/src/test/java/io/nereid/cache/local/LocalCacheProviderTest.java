package io.nereid.cache.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.cache.CacheEnvironment;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseCacheProvider;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalCacheProviderTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private ResponseCache open(Map<String, String> settings) {
        return new LocalCacheProvider()
                .open(new CacheEnvironment(settings, Map.of(), allocator, System::nanoTime));
    }

    @Test
    void isFoundByItsName() {
        assertThat(ServiceLoader.load(ResponseCacheProvider.class))
                .extracting(ResponseCacheProvider::name)
                .containsExactly("local");
    }

    @Test
    void opensWithASizeAndATimeToLive() {
        try (ResponseCache cache = open(Map.of("size", "1048576", "ttl_secs", "60"))) {
            assertThat(cache.figures()).isPresent();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "ttl_secs|60|config didn't contain a valid 'size' field.",
                "size||config didn't contain a valid 'size' field.",
                "size|1 MB|'size' config must be a string or uint type",
                "size|-5|'size' config must be a string or uint type",
                "size|1023|'size' must be at least 1024 bytes. Got 1023"
            })
    void saysWhatIsWrongWithTheSize(String name, String value, String text) {
        assertThatThrownBy(() -> open(Map.of(name, value == null ? "" : value)))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG))
                .hasMessage("Failed to initialize LocalCache: " + text);
    }

    @Test
    void saysWhatIsWrongWithTheTimeToLive() {
        assertThatThrownBy(() -> open(Map.of("size", "4096", "ttl_secs", "soon")))
                .hasMessageStartingWith("Failed to initialize LocalCache: 'ttl_secs' must be");
    }
}
