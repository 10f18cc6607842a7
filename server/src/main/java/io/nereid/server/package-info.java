/**
 * The process: command line, wiring and start-up, and {@link io.nereid.server.InferenceServer}, the
 * one door behind all front ends.
 *
 * <p>{@link io.nereid.server.NereidServer} is the only class that knows how the parts fit.
 */
@NullMarked
package io.nereid.server;

import org.jspecify.annotations.NullMarked;
