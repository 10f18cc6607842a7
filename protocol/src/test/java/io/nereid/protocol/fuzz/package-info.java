/**
 * Hostile input for the codecs: mutation of recorded messages, reproducible by a seed, under a
 * watchdog and an allocator with a limit. What is right is said by each {@link
 * io.nereid.protocol.fuzz.FuzzTarget}; {@code docs/testing.md} says how to run it for longer.
 */
@NullMarked
package io.nereid.protocol.fuzz;

import org.jspecify.annotations.NullMarked;
