/**
 * Answers kept in this process, with Caffeine. {@code LocalCacheProvider} opens {@code
 * LocalCache}s. Depends on {@code io.nereid.backend.cache}.
 */
@NullMarked
package io.nereid.cache.local;

import org.jspecify.annotations.NullMarked;
