/**
 * Models that lie in object stores: how a store is spoken to, with which credentials, and the cache
 * on disk that keeps what was downloaded.
 *
 * <p>Start with {@link io.nereid.repository.store.ModelStores}, which knows the kinds of stores and
 * opens {@link io.nereid.repository.store.StoreFolder}s of them. A kind of store is a {@link
 * io.nereid.repository.store.ModelStoreProvider}, found with {@code ServiceLoader}; its {@link
 * io.nereid.repository.store.ModelStore} lists and opens objects, once and without patience: trying
 * again, reading credentials anew, resuming and checking downloads is done here, the same way for
 * every store. {@link io.nereid.repository.store.ObjectCache} owns the files. Knows nothing of
 * models; depends on {@code io.nereid.protocol}.
 */
@NullMarked
package io.nereid.repository.store;

import org.jspecify.annotations.NullMarked;
