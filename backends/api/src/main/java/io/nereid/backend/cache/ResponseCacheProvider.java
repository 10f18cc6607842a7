package io.nereid.backend.cache;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;

/**
 * A kind of response cache. Found with {@link java.util.ServiceLoader} in a folder of its own.
 * Called on: a control thread.
 */
public interface ResponseCacheProvider {
    /** The name that {@code --cache-config} calls it by, such as {@code local}. */
    String name();

    /**
     * Whether answers outlive this process or other servers see them. Keys then name a model by
     * what it consists of, not by when it was loaded.
     */
    boolean isShared();

    /**
     * Opens the cache.
     *
     * @throws StatusException INVALID_ARG with the text for whoever starts the server
     */
    @Owned
    ResponseCache open(CacheEnvironment environment);
}
