/**
 * Queues and batchers between the requests for one model version and its instances.
 *
 * <p>{@link Schedulers#open} is the way in. An {@code InstancePool} owns the engine's model, its
 * instances and one platform thread per instance; each thread pulls its next batch out of the
 * scheduler's queue when it is free, so a batch is put together as late as possible. What to take
 * is decided by plain objects ({@code BatchQueue}, {@code SequenceBook} in the package {@code
 * sequence}) that know neither threads nor clocks.
 */
@NullMarked
package io.nereid.backend.scheduler;

import org.jspecify.annotations.NullMarked;
