package io.nereid.repository.store;

import io.nereid.protocol.Owned;
import java.util.Optional;

/**
 * A bucket of an object store, spoken to with one set of credentials.
 *
 * <p>Called on: control threads, several at a time; everything blocks. Every call asks the store
 * once: it neither tries again nor waits longer than {@link StoreTimeouts} say.
 */
public interface ModelStore extends AutoCloseable {
    /**
     * Lists objects, in the order of their keys.
     *
     * @param prefix what their keys begin with
     * @param next of the page before; empty for the first
     * @throws StoreException if the store does not answer or refuses
     */
    ListPage list(String prefix, Optional<String> next) throws StoreException;

    /**
     * Opens an object as it was listed.
     *
     * @param offset byte to begin with, less than the object's size or 0
     * @throws StoreException {@link StoreException.Kind#CHANGED} if its ETag is another one now, or
     *     if the store does not answer or refuses
     */
    @Owned
    ObjectContent open(StoredObject object, long offset) throws StoreException;

    /** Ends connections that are not in use. */
    @Override
    void close();
}
