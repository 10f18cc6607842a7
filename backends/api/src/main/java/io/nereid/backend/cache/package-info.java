/**
 * The contract between the server and its response caches (schedulers section 16).
 *
 * <p>A cache implements {@link io.nereid.backend.cache.ResponseCacheProvider} and {@link
 * io.nereid.backend.cache.ResponseCache}; its test extends {@code ResponseCacheContractTest}. This
 * package depends on the protocol's words only.
 */
@NullMarked
package io.nereid.backend.cache;

import org.jspecify.annotations.NullMarked;
