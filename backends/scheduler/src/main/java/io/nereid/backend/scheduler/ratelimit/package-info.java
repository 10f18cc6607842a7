/**
 * The rate limiter (schedulers section 15): which instances of all models may execute at a time.
 *
 * <p>{@link RateLimiter} is the way in: one for a server, with {@link ModelSlots} for each model
 * version and an {@link ExecutionSlot} for each instance. Who comes next is decided by {@code
 * SlotAllocator}, a plain object without threads, from what {@code ResourcePools} says is there.
 */
@NullMarked
package io.nereid.backend.scheduler.ratelimit;

import org.jspecify.annotations.NullMarked;
