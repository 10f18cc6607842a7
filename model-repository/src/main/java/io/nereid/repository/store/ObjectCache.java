package io.nereid.repository.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects of stores as files: each content of each object once, under a name made of all that tells
 * it from others (store, bucket, key, ETag, size). What was downloaded once is there after a
 * restart; what nobody needs goes, least recently used first, when there is more than the limit.
 *
 * <p>Folders: {@code objects} holds whole, checked, read-only files; {@code parts} beginnings of
 * such. A file comes into {@code objects} by a rename, so that it is there as a whole or not at
 * all. Control threads, several at a time; blocks.
 */
final class ObjectCache implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ObjectCache.class);

    /** Age at which the beginning of a download is given up. */
    private static final Duration STALE = Duration.ofDays(1);

    private final LockedDirectory directory;
    private final Path objects;
    private final Path parts;
    private final CacheDisk disk;
    private final Retries retries;
    private final StopSignal stop;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final CacheIndex index;

    private ObjectCache(
            LockedDirectory directory, long limit, CacheDisk disk, Retries retries, StopSignal stop)
            throws IOException {
        this.directory = directory;
        this.objects = directory.folder("objects");
        this.parts = directory.folder("parts");
        this.disk = disk;
        this.retries = retries;
        this.stop = stop;
        this.index = new CacheIndex(limit);
    }

    /**
     * Opens a cache with what an earlier server left in it.
     *
     * @param parent folder of all servers' caches
     * @param limit bytes beyond which files go that nobody needs
     * @throws StatusException INTERNAL if the folder cannot be used
     */
    static @Owned ObjectCache open(
            Path parent, long limit, CacheDisk disk, Retries retries, StopSignal stop) {
        try {
            ObjectCache cache =
                    new ObjectCache(LockedDirectory.in(parent), limit, disk, retries, stop);
            cache.restore();
            return cache;
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "cannot use model cache " + parent + ": " + e, e);
        }
    }

    private void restore() throws IOException {
        record Found(Path file, FileTime used, long size) {}
        List<Found> found = new ArrayList<>();
        for (Path file : entries(objects)) {
            found.add(new Found(file, Files.getLastModifiedTime(file), Files.size(file)));
        }
        found.sort(Comparator.comparing(Found::used));
        lock.lock();
        try {
            found.forEach(file -> index.restore(file.file().getFileName().toString(), file.size()));
            delete(index.evict());
        } finally {
            lock.unlock();
        }
        Instant oldest = Instant.now().minus(STALE);
        for (Path part : entries(parts)) {
            if (Files.getLastModifiedTime(part).toInstant().isBefore(oldest)) {
                Files.delete(part);
            }
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        }
        return entries;
    }

    Path path() {
        return directory.path();
    }

    /** A folder on the cache's file system that is this server's alone. */
    Path folder(String name) throws IOException {
        return directory.folder(name);
    }

    /**
     * The file with an object's bytes, downloaded if it is not there.
     *
     * @throws ObjectChangedException if the object is not what was listed any more
     * @throws StatusException INTERNAL with the object, and the step that failed
     */
    @Owned
    CachedObject fetch(StoreUrl url, ModelStore store, StoredObject object)
            throws ObjectChangedException {
        String id = id(url, object);
        CacheIndex.Entry entry = pin(id, object.size());
        boolean done = false;
        try {
            entry.loading.lock();
            try {
                if (!isPresent(entry, id)) {
                    download(url, store, object, id);
                    setPresent(entry);
                }
            } finally {
                entry.loading.unlock();
            }
            done = true;
            return new CachedObject(objects.resolve(id), () -> unpin(id));
        } catch (IOException e) {
            throw failed(url, object, e.toString(), e);
        } catch (DiskException e) {
            throw failed(url, object, String.valueOf(e.getMessage()), e);
        } finally {
            if (!done) {
                unpin(id);
            }
        }
    }

    private StatusException failed(
            StoreUrl url, StoredObject object, String reason, Exception cause) {
        return new StatusException(
                StatusCode.INTERNAL,
                "failed to keep '" + url.nameOf(object) + "' in " + parts + ": " + reason,
                cause);
    }

    private static String id(StoreUrl url, StoredObject object) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part :
                    List.of(
                            url.scheme(),
                            url.authority(),
                            url.bucket(),
                            object.key(),
                            object.etag(),
                            Long.toString(object.size()))) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private CacheIndex.Entry pin(String id, long size) {
        lock.lock();
        try {
            CacheIndex.Entry entry = index.pin(id, size);
            delete(index.evict());
            return entry;
        } finally {
            lock.unlock();
        }
    }

    private void unpin(String id) {
        lock.lock();
        try {
            index.unpin(id);
            delete(index.evict());
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is there, and still is: folders for temporary files are cleaned at times. */
    private boolean isPresent(CacheIndex.Entry entry, String id) throws IOException {
        lock.lock();
        try {
            Path file = objects.resolve(id);
            boolean present = index.isPresent(entry) && Files.exists(file);
            index.setPresent(entry, present);
            if (present) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            }
            return present;
        } finally {
            lock.unlock();
        }
    }

    private void setPresent(CacheIndex.Entry entry) {
        lock.lock();
        try {
            index.setPresent(entry, true);
        } finally {
            lock.unlock();
        }
    }

    private void download(StoreUrl url, ModelStore store, StoredObject object, String id)
            throws ObjectChangedException, DiskException, IOException {
        stop.check();
        Path part = parts.resolve(id);
        makeRoom(object.size() - part.toFile().length());
        ObjectDownload download =
                new ObjectDownload(store, object, url.nameOf(object), part, disk, retries, stop);
        try {
            download.run();
        } catch (DiskException e) {
            // The part gives its bytes back: a full disk hurts more than another download.
            Files.deleteIfExists(part);
            throw e;
        }
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--r--r--"));
        Files.move(part, objects.resolve(id), StandardCopyOption.ATOMIC_MOVE);
        log.debug("downloaded '{}', {} bytes", url.nameOf(object), object.size());
    }

    /** Lets go what nobody needs if the disk has too little left. */
    private void makeRoom(long bytes) throws IOException {
        long missing = bytes - disk.usableBytes(parts);
        if (missing <= 0) {
            return;
        }
        lock.lock();
        try {
            delete(index.evict(missing));
        } finally {
            lock.unlock();
        }
        long usable = disk.usableBytes(parts);
        if (usable < bytes) {
            throw new IOException(
                    "no space left on device: " + bytes + " bytes needed, " + usable + " free");
        }
    }

    @GuardedBy("lock")
    private void delete(List<String> ids) {
        for (String id : ids) {
            try {
                Files.deleteIfExists(objects.resolve(id));
            } catch (IOException e) {
                log.warn("failed to delete {} from the model cache", objects.resolve(id), e);
            }
        }
    }

    /** Bytes of all files there and on their way. */
    long bytes() {
        lock.lock();
        try {
            return index.total();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the files to the next server. */
    @Override
    public void close() {
        directory.close();
    }
}
