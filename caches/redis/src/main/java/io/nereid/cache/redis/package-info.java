/**
 * Answers kept in Redis, where other servers find them, with Lettuce. {@code RedisCacheProvider}
 * opens {@code RedisCache}s; {@code RedisConnections} speak to the server, {@code Outage} knows
 * when not to. Depends on {@code io.nereid.backend.cache}.
 */
@NullMarked
package io.nereid.cache.redis;

import org.jspecify.annotations.NullMarked;
