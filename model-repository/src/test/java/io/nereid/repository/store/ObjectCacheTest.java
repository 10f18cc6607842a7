package io.nereid.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of downloads when stores and disks behave, and when they do not. */
class ObjectCacheTest {
    private static final long LIMIT = 100;
    private static final StoreUrl URL = StoreUrl.of("s3://bucket/models").orElseThrow();

    @TempDir private Path directory;

    private final FakeStore fake = new FakeStore("s3");
    private final List<Long> pauses = new ArrayList<>();
    private final StopSignal stop = new StopSignal();
    private final AtomicLong usable = new AtomicLong(1 << 20);
    private final AtomicLong writable = new AtomicLong(1 << 20);

    private final ModelStore store = fake.bucket();
    private ObjectCache cache;

    @BeforeEach
    void open() {
        cache = ObjectCache.open(directory, LIMIT, new SmallDisk(), retries(), stop);
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private Retries retries() {
        return new Retries(
                3,
                100,
                nanos -> {
                    stop.check();
                    pauses.add(nanos);
                });
    }

    /** A disk with as much room as the test says. */
    private final class SmallDisk implements CacheDisk {
        @Override
        public long usableBytes(Path folder) {
            return usable.get();
        }

        @Override
        public @Owned OutputStream append(Path file) throws IOException {
            OutputStream real = REAL.append(file);
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                    if (writable.addAndGet(-count) < 0) {
                        throw new IOException("No space left on device");
                    }
                    real.write(bytes, from, count);
                }

                @Override
                public void close() throws IOException {
                    real.close();
                }
            };
        }
    }

    private @Owned CachedObject fetch(String key) throws ObjectChangedException {
        return cache.fetch(URL, store, fake.object(key));
    }

    private String text(String key) throws Exception {
        try (CachedObject cached = fetch(key)) {
            return Files.readString(cached.file());
        }
    }

    private List<Path> in(String folder) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("0").resolve(folder))) {
            return files.toList();
        }
    }

    private void assertFails(String key, String... parts) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> fetch(key))
                .satisfies(
                        e -> assertThat(e.text()).contains("s3://bucket/" + key).contains(parts));
    }

    @Test
    void downloadsAnObjectOnce() throws Exception {
        fake.put("models/a", "hello").put("models/empty", "");

        assertThat(text("models/a")).isEqualTo("hello");
        assertThat(text("models/a")).isEqualTo("hello");
        assertThat(text("models/empty")).isEmpty();

        assertThat(fake.opened()).containsExactly("models/a@0");
    }

    @Test
    void downloadsNothingAgainAfterARestart() throws Exception {
        fake.put("models/a", "hello");
        assertThat(text("models/a")).isEqualTo("hello");
        cache.close();

        open();

        assertThat(text("models/a")).isEqualTo("hello");
        assertThat(fake.opened()).hasSize(1);
        assertThat(cache.bytes()).isEqualTo(5);
    }

    @Test
    void downloadsOtherContentOfTheSameKey() throws Exception {
        fake.put("models/a", "hello");
        assertThat(text("models/a")).isEqualTo("hello");

        fake.put("models/a", "world");

        assertThat(text("models/a")).isEqualTo("world");
    }

    @Test
    void goesOnWhereAConnectionBroke() throws Exception {
        fake.put("models/a", "0123456789")
                .failing(FakeStore.breakingAfter(4), FakeStore.endingAfter(3));

        assertThat(text("models/a")).isEqualTo("0123456789");

        assertThat(fake.opened()).containsExactly("models/a@0", "models/a@4", "models/a@7");
        assertThat(pauses).containsExactly(100L, 100L);
    }

    @Test
    void goesOnAfterARestart() throws Exception {
        fake.put("models/a", "0123456789")
                .failing(
                        FakeStore.breakingAfter(4),
                        FakeStore.refusing(StoreException.Kind.CREDENTIALS));
        assertFails("models/a", "4 of 10 bytes", "CREDENTIALS");
        cache.close();

        open();

        assertThat(text("models/a")).isEqualTo("0123456789");
        assertThat(fake.opened()).last().isEqualTo("models/a@4");
    }

    @Test
    void triesABusyStoreAgainLessAndLessOften() throws Exception {
        fake.put("models/a", "hello")
                .failing(
                        FakeStore.refusing(StoreException.Kind.TRANSIENT),
                        FakeStore.refusing(StoreException.Kind.TRANSIENT));

        assertThat(text("models/a")).isEqualTo("hello");

        assertThat(pauses).containsExactly(100L, 200L);
    }

    @Test
    void givesAStoreUpThatStaysBusy() throws Exception {
        fake.put("models/a", "hello");
        for (int i = 0; i < 3; i++) {
            fake.failing(FakeStore.refusing(StoreException.Kind.TRANSIENT));
        }

        assertFails("models/a", "attempt 3", "TRANSIENT");

        assertThat(in("objects")).isEmpty();
        assertThat(text("models/a")).as("the next load").isEqualTo("hello");
    }

    @Test
    void doesNotAskAgainWhatWasRefused() {
        fake.put("models/a", "hello").failing(FakeStore.refusing(StoreException.Kind.CREDENTIALS));

        assertFails("models/a", "CREDENTIALS");

        assertThat(pauses).isEmpty();
    }

    @Test
    void beginsAnewWhenTheBytesDoNotAddUp() throws Exception {
        fake.put("models/a", "hello").failing(FakeStore.corrupting());

        assertThat(text("models/a")).isEqualTo("hello");

        assertThat(fake.opened()).containsExactly("models/a@0", "models/a@0");
    }

    @Test
    void neverShowsBytesThatDoNotAddUp() throws Exception {
        fake.put("models/a", "hello")
                .failing(FakeStore.corrupting(), FakeStore.corrupting(), FakeStore.corrupting());

        assertFails("models/a", "wrong checksum");

        assertThat(in("objects")).isEmpty();
        assertThat(in("parts")).isEmpty();
    }

    @Test
    void endsWhenAStoreNeverStopsMakingLittleProgress() {
        fake.put("models/a", "a".repeat(40));
        for (int i = 0; i < 40; i++) {
            fake.failing(FakeStore.breakingAfter(1));
        }

        assertFails("models/a", "attempt 12", "12 of 40 bytes", "connection reset");
    }

    @Test
    void saysThatAnObjectChangedMeanwhile() throws Exception {
        fake.put("models/a", "0123456789").failing(FakeStore.breakingAfter(4));
        StoredObject listed = fake.object("models/a");
        fake.failing((_, _, _) -> {
            throw new StoreException(
                    StoreException.Kind.CHANGED, "other ETag", new IOException("test"));
        });

        assertThatExceptionOfType(ObjectChangedException.class)
                .isThrownBy(() -> cache.fetch(URL, store, listed))
                .withMessageContaining("s3://bucket/models/a");

        assertThat(in("parts")).isEmpty();
    }

    @Test
    void saysThatTheDiskIsFullAndGivesItsPartBack() throws Exception {
        fake.put("models/a", "hello").put("models/b", "0123456789");
        assertThat(text("models/a")).isEqualTo("hello");
        writable.set(4);

        assertFails("models/b", "No space left on device");

        assertThat(in("parts")).isEmpty();
        assertThat(in("objects")).hasSize(1);
    }

    @Test
    void asksForNothingThatTheDiskHasNoRoomFor() throws Exception {
        fake.put("models/a", "hello");
        usable.set(4);

        assertFails("models/a", "5 bytes needed, 4 free");

        assertThat(fake.opened()).isEmpty();
    }

    @Test
    void letsGoWhatWasNotUsedForLongest() throws Exception {
        for (String key : List.of("a", "b", "c")) {
            fake.put("models/" + key, key.repeat(40));
        }
        assertThat(text("models/a")).startsWith("a");
        assertThat(text("models/b")).startsWith("b");
        assertThat(text("models/a")).startsWith("a");

        assertThat(text("models/c")).startsWith("c");

        assertThat(cache.bytes()).isEqualTo(80);
        fake.forgetOpened();
        assertThat(text("models/a")).startsWith("a");
        assertThat(fake.opened()).isEmpty();
        assertThat(text("models/b")).startsWith("b");
        assertThat(fake.opened()).containsExactly("models/b@0");
    }

    @Test
    void keepsWhatIsInUseAboveTheLimitUntilItIsNot() throws Exception {
        fake.put("models/a", "a".repeat(70)).put("models/b", "b".repeat(70));
        CachedObject first = fetch("models/a");

        try (CachedObject second = fetch("models/b")) {
            assertThat(first.file()).exists();
            assertThat(second.file()).exists();
        }

        assertThat(cache.bytes()).isEqualTo(70);
        first.close();
        assertThat(first.file()).exists();
    }

    @Test
    void knowsAfterARestartWhatWasUsedLast() throws Exception {
        fake.put("models/a", "a".repeat(40)).put("models/b", "b".repeat(40));
        try (CachedObject first = fetch("models/a");
                CachedObject second = fetch("models/b")) {
            Files.setLastModifiedTime(
                    second.file(), java.nio.file.attribute.FileTime.from(Instant.EPOCH));
            assertThat(first.file()).exists();
        }
        cache.close();

        cache = ObjectCache.open(directory, 50, new SmallDisk(), retries(), stop);

        assertThat(cache.bytes()).isEqualTo(40);
        fake.forgetOpened();
        assertThat(text("models/a")).startsWith("a");
        assertThat(fake.opened()).isEmpty();
    }

    @Test
    void downloadsAgainWhatSomebodyDeleted() throws Exception {
        fake.put("models/a", "hello");
        try (CachedObject cached = fetch("models/a")) {
            Files.delete(cached.file());
        }

        assertThat(text("models/a")).isEqualTo("hello");
    }

    @Test
    void downloadsOnceForTwoAtATime() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        fake.put("models/a", "hello")
                .failing((_, _, right) -> {
                    asked.countDown();
                    try {
                        answer.await();
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                    }
                    return right;
                });
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<String> first = threads.submit(() -> text("models/a"));
            asked.await();
            Future<String> second = threads.submit(() -> text("models/a"));
            answer.countDown();
            assertThat(first.get()).isEqualTo("hello");
            assertThat(second.get()).isEqualTo("hello");
        }
        assertThat(fake.opened()).hasSize(1);
        assertThat(interrupted).isFalse();
    }

    @Test
    void endsWhenTheServerStops() {
        fake.put("models/a", "hello");
        stop.stop();

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> fetch("models/a"))
                .withMessage("Server exiting");
    }

    @Test
    void sharesADirectoryWithOtherServersWithoutMeetingThem() throws Exception {
        fake.put("models/a", "hello");
        try (ObjectCache other =
                        ObjectCache.open(directory, LIMIT, new SmallDisk(), retries(), stop);
                CachedObject cached = other.fetch(URL, store, fake.object("models/a"))) {
            assertThat(cached.file()).startsWith(directory.toRealPath().resolve("1"));
        }
    }
}
