/**
 * Answers from a response cache in front of a model, whatever schedules it. {@code CachedModel} is
 * the way in. Depends on {@code io.nereid.backend} and {@code io.nereid.backend.cache}.
 */
@NullMarked
package io.nereid.backend.scheduler.cache;

import org.jspecify.annotations.NullMarked;
