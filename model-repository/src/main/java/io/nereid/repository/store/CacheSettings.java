package io.nereid.repository.store;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where downloaded objects are kept, and how many.
 *
 * @param directory folder to use; empty for the store's mount directory or the user's cache
 * @param bytes beyond which those go that no model needs
 */
public record CacheSettings(Optional<Path> directory, long bytes) {
    /** Limit unless told otherwise. */
    public static final long DEFAULT_BYTES = 32L << 30;

    /** What holds unless told otherwise. */
    public static final CacheSettings DEFAULT = new CacheSettings(Optional.empty(), DEFAULT_BYTES);
}
