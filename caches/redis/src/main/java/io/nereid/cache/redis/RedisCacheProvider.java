package io.nereid.cache.redis;

import io.nereid.backend.cache.CacheEnvironment;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseCacheProvider;
import io.nereid.protocol.Owned;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens caches in a Redis server: {@code --cache-config=redis,host=NAME}, {@code redis,port=NUMBER}
 * and what {@link RedisSettings} knows besides. A server that cannot be reached does not keep this
 * one from starting.
 */
public final class RedisCacheProvider implements ResponseCacheProvider {
    private static final Logger log = LoggerFactory.getLogger(RedisCacheProvider.class);

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public @Owned ResponseCache open(CacheEnvironment environment) {
        RedisSettings.Read read = RedisSettings.of(environment);
        read.unread()
                .forEach(name ->
                        log.warn("--cache-config redis,{} has no effect in this server", name));
        return RedisCache.open(read.settings(), environment.allocator(), environment.nanoTime());
    }
}
