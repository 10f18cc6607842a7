package io.nereid.repository.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The kinds of object stores that there are, and everything that is open of them. Owns folders,
 * connections and caches until it is closed. Used by control threads.
 */
public final class ModelStores implements AutoCloseable {
    /** What the reference calls a kind of store, by scheme. */
    private record Kind(String mountVariable, String buildOption) {
        static Kind of(StoreUrl url) {
            return switch (url.scheme()) {
                case "s3" -> new Kind("TRITON_AWS_MOUNT_DIRECTORY", "S3");
                case "gs" -> new Kind("TRITON_GCS_MOUNT_DIRECTORY", "GCS");
                case "as" -> new Kind("TRITON_AZURE_MOUNT_DIRECTORY", "AZURE_STORAGE");
                default -> throw new IllegalStateException("no kind of store for " + url);
            };
        }
    }

    private final Map<String, ModelStoreProvider> providers = new HashMap<>();
    private final CredentialSource credentials;
    private final StoreTimeouts timeouts;
    private final StopSignal stop = new StopSignal();
    private final Retries retries = Retries.standard(stop);
    private final CacheFolders folders;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final List<ReloadingStore> stores = new ArrayList<>();

    /**
     * @param providers kinds of stores; the first of a scheme counts
     * @param environment variables of the process: credentials and folders
     */
    public ModelStores(
            List<ModelStoreProvider> providers,
            Map<String, String> environment,
            CacheSettings settings,
            StoreTimeouts timeouts) {
        providers.forEach(provider -> this.providers.putIfAbsent(provider.scheme(), provider));
        this.credentials = new CredentialSource(environment);
        this.timeouts = timeouts;
        this.folders = new CacheFolders(environment, settings, retries, stop);
    }

    /** No kinds of stores: repositories are directories. */
    public static ModelStores none() {
        return new ModelStores(List.of(), Map.of(), CacheSettings.DEFAULT, StoreTimeouts.DEFAULT);
    }

    /**
     * Opens a folder; asks the store nothing yet.
     *
     * @throws StatusException UNSUPPORTED if there is no such kind of store, INVALID_ARG if its
     *     mount directory does not exist, INTERNAL if the cache cannot be used
     */
    public StoreFolder open(StoreUrl url) {
        Kind kind = Kind.of(url);
        ModelStoreProvider provider = providers.get(url.scheme());
        if (provider == null) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    url.scheme()
                            + ":// file-system not supported. To enable, build with"
                            + " -DTRITON_ENABLE_"
                            + kind.buildOption
                            + "=ON.");
        }
        CacheFolders.Folders here = folders.of(kind.mountVariable);
        ReloadingStore store =
                new ReloadingStore(
                        () -> provider.open(url, credentials.read(url, provider), timeouts));
        lock.lock();
        try {
            stores.add(store);
        } finally {
            lock.unlock();
        }
        return new StoreFolder(url, store, here.cache(), here.staging(), retries);
    }

    /** Ends downloads and waits of now, and those to come: the server stops. Any thread. */
    public void stop() {
        stop.stop();
    }

    @Override
    public void close() {
        stop();
        lock.lock();
        try {
            stores.forEach(ReloadingStore::close);
            stores.clear();
        } finally {
            lock.unlock();
        }
        folders.close();
    }
}
