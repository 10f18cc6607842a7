package io.nereid.repository.store;

import io.nereid.protocol.Owned;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * A bucket in memory, and its kind of store. Remembers what was opened; a test has the next answers
 * fail. Safe for several threads except for the faults, which belong to tests of one download.
 */
public final class FakeStore implements ModelStoreProvider {
    /** What goes wrong with one answer. */
    public interface Fault {
        /** The answer instead, or an exception. */
        ObjectContent apply(StoredObject object, long offset, ObjectContent right)
                throws StoreException;
    }

    private final NavigableMap<String, StoredObject> objects = new ConcurrentSkipListMap<>();
    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
    private final Deque<Fault> faults = new ConcurrentLinkedDeque<>();
    private final Deque<StoreException> listFaults = new ConcurrentLinkedDeque<>();
    private final List<StoreCredentials> openedWith = new CopyOnWriteArrayList<>();
    private final List<String> opened = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final String scheme;
    private Optional<StoreCredentials> accepted = Optional.empty();
    private int pageSize = 1000;
    private boolean checksums = true;

    public FakeStore(String scheme) {
        this.scheme = scheme;
    }

    /** Writes an object; its ETag tells what is in it. */
    public FakeStore put(String key, String text) {
        return put(key, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes an object; its ETag tells what is in it. */
    public FakeStore put(String key, byte[] bytes) {
        contents.put(key, bytes);
        objects.put(
                key,
                new StoredObject(key, bytes.length, crc(bytes).hex(), Instant.ofEpochSecond(1)));
        return this;
    }

    public void remove(String key) {
        objects.remove(key);
    }

    public StoredObject object(String key) {
        return Optional.ofNullable(objects.get(key)).orElseThrow();
    }

    public FakeStore pagesOf(int objects) {
        pageSize = objects;
        return this;
    }

    public FakeStore withoutChecksums() {
        checksums = false;
        return this;
    }

    /** Lets nobody else in. */
    public FakeStore accepting(StoreCredentials credentials) {
        accepted = Optional.of(credentials);
        return this;
    }

    /** Has the next answers go wrong, one after the other. */
    public FakeStore failing(Fault... next) {
        faults.addAll(List.of(next));
        return this;
    }

    /** Has the next listing fail. */
    public FakeStore failingToList(StoreException.Kind kind) {
        listFaults.add(new StoreException(kind, "no list", new IOException("test")));
        return this;
    }

    /** Keys and offsets that were opened, such as {@code a/b@0}. */
    public List<String> opened() {
        return List.copyOf(opened);
    }

    public void forgetOpened() {
        opened.clear();
    }

    List<StoreCredentials> openedWith() {
        return List.copyOf(openedWith);
    }

    /** Buckets that were opened and not closed. */
    int open() {
        return open.get();
    }

    /** Refuses. */
    public static Fault refusing(StoreException.Kind kind) {
        return (_, _, _) -> {
            throw new StoreException(kind, kind.name(), new IOException("test"));
        };
    }

    /** Breaks off after so many bytes. */
    static Fault breakingAfter(int bytes) {
        return (_, _, right) -> {
            byte[] whole = all(right);
            InputStream some = new ByteArrayInputStream(whole, 0, Math.min(bytes, whole.length));
            return new ObjectContent(
                    new SequenceInputStream(some, new BrokenStream()), right.checksum(), () -> {});
        };
    }

    private static final class BrokenStream extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("connection reset");
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            throw new IOException("connection reset");
        }
    }

    /** Ends after so many bytes as if that were all. */
    static Fault endingAfter(int bytes) {
        return (_, _, right) ->
                new ObjectContent(
                        new ByteArrayInputStream(Arrays.copyOf(all(right), bytes)),
                        right.checksum(),
                        () -> {});
    }

    /** Sends other bytes. */
    static Fault corrupting() {
        return (_, _, right) -> {
            byte[] bytes = all(right);
            bytes[0] ^= 1;
            return new ObjectContent(new ByteArrayInputStream(bytes), right.checksum(), () -> {});
        };
    }

    private static byte[] all(ObjectContent content) {
        try {
            return content.bytes().readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
    }

    private static Checksum crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return new Checksum(
                Checksum.Algorithm.CRC32C, HexFormat.of().toHexDigits((int) crc.getValue()));
    }

    @Override
    public String scheme() {
        return scheme;
    }

    @Override
    public StoreCredentials credentials(Map<String, String> environment) {
        return StoreCredentials.ofVariables(environment, Map.of("FAKE_KEY", "key"));
    }

    @Override
    public @Owned ModelStore open(
            StoreUrl url, StoreCredentials credentials, StoreTimeouts timeouts) {
        openedWith.add(credentials);
        open.incrementAndGet();
        return new Bucket(credentials);
    }

    /** The bucket, as one with these credentials sees it. */
    @Owned
    ModelStore bucket() {
        open.incrementAndGet();
        return new Bucket(StoreCredentials.NONE);
    }

    private final class Bucket implements ModelStore {
        private final StoreCredentials credentials;

        Bucket(StoreCredentials credentials) {
            this.credentials = credentials;
        }

        @Override
        public ListPage list(String prefix, Optional<String> next) throws StoreException {
            check();
            StoreException fault = listFaults.poll();
            if (fault != null) {
                throw fault;
            }
            List<StoredObject> page = new ArrayList<>();
            for (StoredObject object : objects.tailMap(next.orElse(prefix)).values()) {
                if (!object.key().startsWith(prefix)) {
                    break;
                }
                if (page.size() == pageSize) {
                    return new ListPage(page, Optional.of(object.key()));
                }
                page.add(object);
            }
            return new ListPage(page, Optional.empty());
        }

        @Override
        public @Owned ObjectContent open(StoredObject object, long offset) throws StoreException {
            check();
            opened.add(object.key() + "@" + offset);
            StoredObject stored = objects.get(object.key());
            byte[] bytes = contents.get(object.key());
            if (stored == null || bytes == null) {
                throw new StoreException(
                        StoreException.Kind.NOT_FOUND, "no such key", new IOException("test"));
            }
            if (!stored.etag().equals(object.etag())) {
                throw new StoreException(
                        StoreException.Kind.CHANGED, "other ETag", new IOException("test"));
            }
            ObjectContent right =
                    new ObjectContent(
                            new ByteArrayInputStream(
                                    bytes, (int) offset, bytes.length - (int) offset),
                            checksums ? Optional.of(crc(bytes)) : Optional.empty(),
                            () -> {});
            Fault fault;
            synchronized (faults) {
                fault = faults.poll();
            }
            return fault == null ? right : fault.apply(object, offset, right);
        }

        private void check() throws StoreException {
            if (accepted.isPresent() && !accepted.get().equals(credentials)) {
                throw new StoreException(
                        StoreException.Kind.CREDENTIALS, "who are you", new IOException("test"));
            }
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }
}
