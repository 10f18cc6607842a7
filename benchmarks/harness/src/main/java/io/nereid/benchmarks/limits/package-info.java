/**
 * What Nereid is measured against in Java, each in a process of its own: the engine call without a
 * server ({@link io.nereid.benchmarks.limits.EngineProgram}) and DJL behind Netty ({@link
 * io.nereid.benchmarks.limits.DjlPeer}). The limit programs in C and C++ are in {@code
 * benchmarks/limits}.
 */
@NullMarked
package io.nereid.benchmarks.limits;

import org.jspecify.annotations.NullMarked;
