package io.nereid.server.main;

import io.nereid.backend.ExecutionListener;
import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.cache.CacheEnvironment;
import io.nereid.backend.cache.CacheFigures;
import io.nereid.backend.cache.EventThrottle;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseCacheProvider;
import io.nereid.backend.scheduler.cache.CacheContext;
import io.nereid.backend.scheduler.cache.CachedModel;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.server.ServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The response cache of the server, if it has one, and how models come by it. The cache lies in a
 * folder of the cache directory, with a class loader of its own. Used on control threads; models
 * are closed before it is.
 */
final class ResponseCaching implements AutoCloseable {
    /** Keys of large requests that wait to be computed. */
    private static final int LONG_WORK = 64;

    private static final long LOG_NANOS = Duration.ofSeconds(10).toNanos();

    private final ResponseCache cache;
    private final boolean shared;
    private final ThreadPoolExecutor longWork;
    private final CacheContext context;

    private ResponseCaching(@Owned ResponseCache cache, boolean shared, int cores) {
        this.cache = cache;
        this.shared = shared;
        this.longWork =
                new ThreadPoolExecutor(
                        cores,
                        cores,
                        1,
                        TimeUnit.MINUTES,
                        new ArrayBlockingQueue<>(LONG_WORK),
                        Thread.ofPlatform().name("nereid-cache-key-", 0).factory());
        longWork.allowCoreThreadTimeOut(true);
        this.context =
                new CacheContext(
                        cache,
                        longWork,
                        new EventThrottle(LOG_NANOS, System::nanoTime),
                        System::nanoTime);
    }

    /**
     * Opens the cache that the options name; empty if they name none.
     *
     * @param allocator stays the caller's
     * @throws StatusException INVALID_ARG if there is no such cache, or with its own text
     */
    static Optional<ResponseCaching> open(
            ServerOptions.Cache options, TensorAllocator allocator, int cores) {
        if (options.name().isEmpty()) {
            return Optional.empty();
        }
        ResponseCacheProvider provider = provider(options.name().get(), options.directory());
        ResponseCache cache =
                provider.open(
                        new CacheEnvironment(
                                options.settings(),
                                options.environment(),
                                allocator,
                                System::nanoTime));
        return Optional.of(new ResponseCaching(cache, provider.isShared(), cores));
    }

    /** The text names the native library that the reference looks for (schedulers section 16). */
    private static ResponseCacheProvider provider(String name, Path directory) {
        List<ServiceFolders.Found<ResponseCacheProvider>> found =
                Files.isDirectory(directory)
                        ? ServiceFolders.OF_PROCESS.find(ResponseCacheProvider.class, directory)
                        : List.of();
        return found.stream()
                .map(ServiceFolders.Found::service)
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        StatusException.invalidArgument(
                                "unable to find 'libtritoncache_"
                                        + name
                                        + ".so' for cache. Searched: "
                                        + directory));
    }

    /** Whether a model's answers are kept. */
    static boolean isAskedFor(ModelConfig config) {
        return config.message().getResponseCache().getEnable();
    }

    /**
     * What tells an engine's model from all others, for the keys of its answers. A shared cache
     * needs what the model consists of, which takes about a second for each GiB of its files.
     */
    String identity(ModelConfig config, ModelFiles files) {
        return shared ? ModelContent.digest(config, files) : UUID.randomUUID().toString();
    }

    /**
     * What tells an ensemble from all others.
     *
     * @param members identities of its steps' models
     */
    String identity(ModelConfig config, List<String> members) {
        return shared ? ModelContent.digest(config, members) : UUID.randomUUID().toString();
    }

    /**
     * The model with the cache in front of it.
     *
     * @param listener told of hits and misses
     */
    @Owned
    Model inFrontOf(@Owned Model model, String identity, ExecutionListener listener) {
        return new CachedModel(model, context, identity, listener);
    }

    /** What the cache tells of itself. */
    Optional<CacheFigures> figures() {
        return cache.figures();
    }

    @Override
    public void close() {
        longWork.close();
        cache.close();
    }
}
