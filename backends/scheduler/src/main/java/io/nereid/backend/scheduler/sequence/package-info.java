/**
 * Sequences of requests (schedulers sections 9 to 13): which of them have a slot in an instance,
 * which wait in the backlog, what they carry from request to request.
 *
 * <p>{@link io.nereid.backend.scheduler.sequence.SequenceBook} decides, and knows neither threads
 * nor clocks; {@link io.nereid.backend.scheduler.sequence.BatchAssembly} carries tensors to what
 * was decided. The package above gives them threads, a lock and time.
 */
@NullMarked
package io.nereid.backend.scheduler.sequence;

import org.jspecify.annotations.NullMarked;
