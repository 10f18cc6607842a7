package io.nereid.cache.local;

import io.nereid.backend.cache.CacheEnvironment;
import io.nereid.backend.cache.CacheSettings;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseCacheProvider;
import io.nereid.protocol.Owned;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens caches in this process: {@code --cache-config=local,size=BYTES} and, if answers are to be
 * forgotten after a while, {@code local,ttl_secs=SECONDS} (schedulers section 16).
 */
public final class LocalCacheProvider implements ResponseCacheProvider {
    private static final Logger log = LoggerFactory.getLogger(LocalCacheProvider.class);
    private static final String FAILURE = "Failed to initialize LocalCache: ";
    private static final long LEAST_BYTES = 1024;

    @Override
    public String name() {
        return "local";
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public @Owned ResponseCache open(CacheEnvironment environment) {
        CacheSettings settings = new CacheSettings(FAILURE, environment.settings());
        LocalCache cache =
                new LocalCache(
                        size(settings),
                        settings.timeToLive(),
                        environment.allocator(),
                        environment.nanoTime());
        settings.unread()
                .forEach(name ->
                        log.warn("--cache-config local,{} has no effect in this server", name));
        return cache;
    }

    private static long size(CacheSettings settings) {
        String text =
                settings.text("size")
                        .orElseThrow(() ->
                                settings.refusal("config didn't contain a valid 'size' field."));
        if (!text.matches("\\d{1,18}")) {
            throw settings.refusal("'size' config must be a string or uint type");
        }
        long size = Long.parseLong(text);
        if (size < LEAST_BYTES) {
            throw settings.refusal(
                    "'size' must be at least " + LEAST_BYTES + " bytes. Got " + size);
        }
        return size;
    }
}
