/**
 * The process: command line, start-up, logging, and {@link io.nereid.server.main.NereidServer}, the
 * only class that knows how the parts fit.
 */
@NullMarked
package io.nereid.server.main;

import org.jspecify.annotations.NullMarked;
