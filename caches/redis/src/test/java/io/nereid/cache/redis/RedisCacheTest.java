package io.nereid.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.cache.CacheEnvironment;
import io.nereid.backend.cache.RecordingFinding;
import io.nereid.backend.cache.RedisServer;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseCacheContractTest;
import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of every cache, kept by a real Redis server; and what happens without one. */
class RedisCacheTest extends ResponseCacheContractTest {
    /** Far more than an answer takes, far less than anybody would wait for it. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir private Path directory;

    private RedisServer redis;

    @BeforeEach
    void start() {
        redis = RedisServer.start(directory);
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    @Override
    protected ResponseCache open(TensorAllocator memory) {
        return open(memory, Map.of());
    }

    private ResponseCache open(TensorAllocator memory, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.putIfAbsent("host", "127.0.0.1");
        settings.putIfAbsent("port", Integer.toString(redis.port()));
        return new RedisCacheProvider()
                .open(new CacheEnvironment(settings, Map.of(), memory, System::nanoTime));
    }

    private static boolean has(ResponseCache cache, ResponseKey key) {
        try (RecordingFinding finding = RecordingFinding.of(cache, key)) {
            return finding.outputs().isPresent();
        }
    }

    private static void awaitTrue(BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("nothing has changed within " + LIMIT);
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void showsItsAnswersToOtherServers() {
        try (ResponseCache one = open(allocator);
                ResponseCache other = open(allocator)) {
            insert(one, key(1), 7);
            assertThat(has(one, key(1))).isTrue();

            assertThat(has(other, key(1))).isTrue();
        }
    }

    @Test
    void usesTheDatabaseAndAllConnectionsThatItIsTold() {
        try (ResponseCache cache = open(allocator, Map.of("db", "3", "pool_size", "4"));
                ResponseCache elsewhere = open(allocator)) {
            for (int i = 0; i < 20; i++) {
                insert(cache, key(i), i);
                assertThat(has(cache, key(i))).isTrue();
                assertThat(has(elsewhere, key(i))).isFalse();
            }
        }
    }

    @Test
    void asksRedisToForgetAnswersInTime() {
        try (ResponseCache cache = open(allocator, Map.of("ttl_secs", "100"))) {
            insert(cache, key(1), 7);
            assertThat(has(cache, key(1))).isTrue();

            assertThat(redis.ask("TTL nereid:" + key(1))).isBetween(":1", ":100");
        }
    }

    @Test
    void keepsAnswersWithoutLimitUnlessItIsTold() {
        try (ResponseCache cache = open(allocator)) {
            insert(cache, key(1), 7);
            assertThat(has(cache, key(1))).isTrue();

            assertThat(redis.ask("TTL nereid:" + key(1))).isEqualTo(":-1");
        }
    }

    @Test
    void missesWhatSomebodyElseWrote() {
        try (ResponseCache cache = open(allocator)) {
            assertThat(redis.ask("SET nereid:" + key(1) + " nonsense")).isEqualTo("+OK");
            assertThat(redis.ask("LPUSH nereid:" + key(2) + " nonsense")).isEqualTo(":1");

            assertThat(has(cache, key(1))).isFalse();
            assertThat(has(cache, key(2))).isFalse();
            insert(cache, key(3), 1);
            assertThat(has(cache, key(3))).isTrue();
        }
    }

    @Test
    void refusesAnAnswerThatIsTooLarge() {
        try (ResponseCache cache = open(allocator)) {
            float[] large = new float[RedisCache.MOST_BYTES / Float.BYTES];
            assertThatThrownBy(() -> insert(cache, key(1), large))
                    .isInstanceOf(StatusException.class)
                    .hasMessageStartingWith("Requested byte_size: ");
        }
    }

    @Test
    void goesOnWithoutAServerAndWithItAgain() {
        try (ResponseCache cache = open(allocator)) {
            insert(cache, key(1), 7);
            assertThat(has(cache, key(1))).isTrue();
            redis.kill();

            for (int i = 0; i < 1000; i++) {
                assertThat(has(cache, key(1))).isFalse();
            }
            assertThatThrownBy(() -> insert(cache, key(2), 7))
                    .isInstanceOf(StatusException.class)
                    .hasMessage("Redis at 127.0.0.1:" + redis.port() + " cannot be reached");

            redis.restart();
            awaitTrue(() -> isKept(cache, key(3)));
        }
    }

    private boolean isKept(ResponseCache cache, ResponseKey key) {
        try {
            insert(cache, key, 7);
        } catch (StatusException stillDown) {
            return false;
        }
        return has(cache, key);
    }

    @Test
    void startsWithoutAServerAndFindsItLater() {
        redis.kill();
        try (ResponseCache cache = open(allocator)) {
            assertThat(has(cache, key(1))).isFalse();

            redis.restart();
            awaitTrue(() -> isKept(cache, key(1)));
        }
    }

    @Test
    void waitsForAServerThatHangsOnceAndNotAgain() {
        try (ResponseCache cache = open(allocator, Map.of("wait_timeout", "100"))) {
            insert(cache, key(1), 7);
            assertThat(has(cache, key(1))).isTrue();
            redis.hang();
            assertThat(has(cache, key(1))).isFalse();

            RecordingFinding next = RecordingFinding.of(cache, key(1));
            assertThat(next.hasEnded()).isTrue();
            assertThat(next.outputs()).isEmpty();

            redis.proceed();
            awaitTrue(() -> has(cache, key(1)));
        }
    }

    @Test
    void tellsTheServerWhoItIs() throws Exception {
        try (RedisServer guarded = RedisServer.start(directory, "--requirepass", "secret")) {
            Map<String, String> address =
                    Map.of("host", "127.0.0.1", "port", Integer.toString(guarded.port()));
            try (ResponseCache stranger = open(allocator, address);
                    ResponseCache known = openWithVariables(address)) {
                assertThatThrownBy(() -> insert(stranger, key(1), 7))
                        .isInstanceOf(StatusException.class);
                insert(known, key(1), 7);
                assertThat(has(known, key(1))).isTrue();
            }
        }
    }

    private ResponseCache openWithVariables(Map<String, String> settings) {
        Map<String, String> variables =
                Map.of(
                        "TRITONCACHE_REDIS_USERNAME", "default",
                        "TRITONCACHE_REDIS_PASSWORD", "secret");
        return new RedisCacheProvider()
                .open(new CacheEnvironment(settings, variables, allocator, System::nanoTime));
    }
}
