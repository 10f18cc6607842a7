package io.nereid.repository.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where on this machine the objects of each kind of store are kept, and where models are put
 * together from them: beside the cache, or in the store's mount directory (repository section 16).
 * Owns the caches. Used by control threads.
 */
final class CacheFolders implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CacheFolders.class);
    private static final String OURS = "nereid-models";
    private static final String STAGED = "staged";

    /**
     * Where the objects of a store go.
     *
     * @param staging folder for models
     */
    record Folders(ObjectCache cache, Path staging) {}

    private final Map<String, String> environment;
    private final CacheSettings settings;
    private final Retries retries;
    private final StopSignal stop;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<Path, Folders> caches = new HashMap<>();

    @GuardedBy("lock")
    private final Map<Path, LockedDirectory> mounts = new HashMap<>();

    CacheFolders(
            Map<String, String> environment,
            CacheSettings settings,
            Retries retries,
            StopSignal stop) {
        this.environment = Map.copyOf(environment);
        this.settings = settings;
        this.retries = retries;
        this.stop = stop;
    }

    /**
     * The folders of a kind of store, made if they are not there; what a server that ended abruptly
     * left of its models is deleted.
     *
     * @param mountVariable variable that names the mount directory
     * @throws StatusException INVALID_ARG if the mount directory does not exist, INTERNAL if a
     *     folder cannot be used
     */
    Folders of(String mountVariable) {
        Optional<Path> mount = mount(mountVariable);
        lock.lock();
        try {
            Folders own = cache(settings.directory().or(() -> mount).orElseGet(this::ofTheUser));
            return mount.isEmpty() || settings.directory().isEmpty()
                    ? own
                    : new Folders(own.cache(), staging(mount.get()));
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "cannot use the folders for downloaded models: " + e, e);
        } finally {
            lock.unlock();
        }
    }

    private Optional<Path> mount(String variable) {
        String mount = environment.getOrDefault(variable, "");
        if (mount.isEmpty()) {
            return Optional.empty();
        }
        if (!Files.isDirectory(Path.of(mount))) {
            throw StatusException.invalidArgument(variable + " names no directory: " + mount);
        }
        return Optional.of(Path.of(mount).resolve(OURS));
    }

    /**
     * The user's folder for caches, or that for temporary files where there is none to write to.
     */
    private Path ofTheUser() {
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path home = Path.of(environment.getOrDefault("HOME", "/"));
        Path user = cache.isEmpty() ? home.resolve(".cache") : Path.of(cache);
        boolean usable = Files.isWritable(user) || (Files.isWritable(home) && !Files.exists(user));
        return usable
                ? user.resolve("nereid").resolve("models")
                : Path.of(System.getProperty("java.io.tmpdir", "/tmp")).resolve(OURS);
    }

    @GuardedBy("lock")
    private Folders cache(Path parent) throws IOException {
        Folders open = caches.get(parent);
        if (open == null) {
            ObjectCache cache =
                    ObjectCache.open(parent, settings.bytes(), CacheDisk.REAL, retries, stop);
            open = new Folders(cache, emptied(cache.folder(STAGED)));
            caches.put(parent, open);
            log.info("models of object stores are kept in {}", cache.path());
        }
        return open;
    }

    @GuardedBy("lock")
    private Path staging(Path mount) throws IOException {
        LockedDirectory open = mounts.get(mount);
        if (open == null) {
            open = LockedDirectory.in(mount);
            mounts.put(mount, open);
            emptied(open.folder(STAGED));
        }
        return open.folder(STAGED);
    }

    private static Path emptied(Path folder) throws IOException {
        FileTrees.empty(folder);
        return folder;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            caches.values().forEach(folders -> folders.cache().close());
            mounts.values().forEach(LockedDirectory::close);
            caches.clear();
            mounts.clear();
        } finally {
            lock.unlock();
        }
    }
}
