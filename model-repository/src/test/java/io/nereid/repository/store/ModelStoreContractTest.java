package io.nereid.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every kind of store does, asked through a proxy that has answers go wrong. A test of a kind
 * starts a store and says how to reach it.
 */
public abstract class ModelStoreContractTest {
    /** Bucket or container of the tests. */
    public static final String BUCKET = "models";

    private static final StoreTimeouts SHORT =
            new StoreTimeouts(Duration.ofSeconds(5), Duration.ofMillis(300));
    private static final StoreTimeouts LONG =
            new StoreTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(20));

    @TempDir private Path directory;

    private FaultyProxy proxy;
    private ModelStore store;
    private ObjectCache cache;

    /** Port of the store. */
    public abstract int port();

    /** Writes an object, around the proxy. */
    public abstract void put(String key, byte[] bytes) throws Exception;

    /** Opens the bucket with credentials that are right. */
    public abstract @Owned ModelStore open(int port, String bucket, StoreTimeouts timeouts)
            throws Exception;

    /** Opens the bucket with credentials that are not. */
    public abstract @Owned ModelStore openAsStranger(int port) throws Exception;

    @BeforeEach
    final void openAll() throws Exception {
        proxy = new FaultyProxy(port());
        store = open(proxy.port(), BUCKET, LONG);
        cache =
                ObjectCache.open(
                        directory,
                        1 << 30,
                        CacheDisk.REAL,
                        new Retries(4, 1, _ -> {}),
                        new StopSignal());
    }

    @AfterEach
    final void closeAll() throws IOException {
        cache.close();
        store.close();
        proxy.close();
    }

    private void put(String key, String text) throws Exception {
        put(key, text.getBytes(StandardCharsets.UTF_8));
    }

    private StoredObject listed(String key) throws StoreException {
        return store.list(key, Optional.empty()).objects().stream()
                .filter(object -> object.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    private List<StoredObject> all(String prefix) throws StoreException {
        List<StoredObject> all = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            ListPage page = store.list(prefix, next);
            all.addAll(page.objects());
            next = page.next();
        } while (next.isPresent());
        return all;
    }

    private byte[] fetched(StoredObject object) throws Exception {
        return fetched(store, object);
    }

    private byte[] fetched(ModelStore from, StoredObject object) throws Exception {
        StoreUrl url = new StoreUrl("test://" + BUCKET, "test", "", BUCKET, "");
        try (CachedObject cached = cache.fetch(url, from, object)) {
            return Files.readAllBytes(cached.file());
        }
    }

    private static byte[] many(int bytes) {
        byte[] many = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            many[i] = (byte) (i * 31 + i / 251);
        }
        return many;
    }

    @Test
    final void listsWhatIsBelowAPrefixPageByPage() throws Exception {
        for (int i = 0; i < 1003; i++) {
            put("m/1/f%04d".formatted(i), "x");
        }
        put("other/config.pbtxt", "y");

        List<StoredObject> found = all("m/");

        assertThat(found).hasSize(1003);
        assertThat(found).extracting(StoredObject::key).isSorted().doesNotHaveDuplicates();
        assertThat(found).allSatisfy(object -> assertThat(object.size()).isEqualTo(1));
        assertThat(found)
                .allSatisfy(object -> {
                    assertThat(object.lastModified()).isAfter(Instant.EPOCH);
                    assertThat(object.etag()).isNotEmpty();
                });
        assertThat(all("none/")).isEmpty();
    }

    @Test
    final void keepsKeysAsTheyAre() throws Exception {
        List<String> keys = List.of("k/a b", "k/a%20b", "k/a+b", "k/ä/ü", "k/x=1&y");
        for (String key : keys) {
            put(key, key);
        }

        List<StoredObject> found = all("k/");

        assertThat(found).extracting(StoredObject::key).containsExactlyInAnyOrderElementsOf(keys);
        for (StoredObject object : found) {
            assertThat(new String(fetched(object), StandardCharsets.UTF_8)).isEqualTo(object.key());
        }
    }

    @Test
    final void opensAnObjectWithTheSumOfItsBytes() throws Exception {
        byte[] bytes = many(9 << 20);
        put("m/1/model.bin", bytes);

        StoredObject object = listed("m/1/model.bin");

        assertThat(object.size()).isEqualTo(bytes.length);
        try (ObjectContent content = store.open(object, 0)) {
            assertThat(content.checksum()).isPresent();
            assertThat(content.bytes().readAllBytes()).isEqualTo(bytes);
        }
        assertThat(fetched(object)).isEqualTo(bytes);
    }

    @Test
    final void opensAnObjectFromAnOffset() throws Exception {
        byte[] bytes = many(5 << 20);
        put("m/1/model.bin", bytes);
        int offset = (4 << 20) + 17;

        try (ObjectContent content = store.open(listed("m/1/model.bin"), offset)) {
            assertThat(content.bytes().readAllBytes())
                    .isEqualTo(Arrays.copyOfRange(bytes, offset, bytes.length));
        }
    }

    @Test
    final void saysThatAnObjectIsAnotherOneNow() throws Exception {
        put("m/a", "one");
        StoredObject before = listed("m/a");
        put("m/a", "two!");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.open(before, 0))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.CHANGED));
        assertThat(listed("m/a").etag()).isNotEqualTo(before.etag());
    }

    @Test
    final void takesNoBrokenListingForAnEmptyOne() throws Exception {
        put("m/a", "one");
        proxy.answering(200, "");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.list("", Optional.empty()))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.TRANSIENT));
    }

    @Test
    final void saysThatThereIsNoSuchBucket() throws Exception {
        try (ModelStore none = open(proxy.port(), "nosuchbucket", LONG)) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> none.list("", Optional.empty()))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.NOT_FOUND));
        }
    }

    @Test
    final void refusesStrangers() throws Exception {
        put("m/a", "one");
        try (ModelStore stranger = openAsStranger(proxy.port())) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> stranger.list("", Optional.empty()))
                    .satisfies(e -> {
                        assertThat(e.kind()).isEqualTo(StoreException.Kind.CREDENTIALS);
                        assertThat(e.text())
                                .startsWith("Unable to create ")
                                .contains("client. Check account credentials.");
                    });
        }
    }

    @Test
    final void goesOnWhereAConnectionBroke() throws Exception {
        byte[] bytes = many(300_000);
        put("m/a", bytes);
        StoredObject object = listed("m/a");
        proxy.breakingAfter(100_000).breakingAfter(50_000);

        assertThat(fetched(object)).isEqualTo(bytes);
    }

    @Test
    final void triesAgainWhenTheStoreBreaks() throws Exception {
        put("m/a", "hello");
        StoredObject object = listed("m/a");
        proxy.answering(500, "").answering(503, "");

        assertThat(fetched(object)).asString(StandardCharsets.UTF_8).isEqualTo("hello");
    }

    @Test
    final void triesAgainWhenTheStoreIsSilent() throws Exception {
        put("m/a", "hello");
        StoredObject object = listed("m/a");
        try (ModelStore impatient = open(proxy.port(), BUCKET, SHORT)) {
            proxy.silent();

            assertThat(fetched(impatient, object))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("hello");
        }
    }

    @Test
    final void saysThatItMayNotReadAnObject() throws Exception {
        put("m/a", "hello");
        StoredObject object = listed("m/a");
        proxy.answering(403, "");

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> fetched(object))
                .withMessageContaining("failed to download 'test://models/m/a'")
                .withMessageContaining("Check account credentials.");
    }

    @Test
    final void saysThatAnObjectHasGone() throws Exception {
        put("m/a", "hello");
        StoredObject object = listed("m/a");
        proxy.answering(404, "");

        assertThatExceptionOfType(ObjectChangedException.class)
                .isThrownBy(() -> fetched(object))
                .withMessageContaining("test://models/m/a");
    }
}
