/**
 * The questions of a training run: what a server is asked so that the JVM learns which classes it
 * needs and which methods are hot, and keeps that in the cache that later starts begin with.
 */
@NullMarked
package io.nereid.server.training;

import org.jspecify.annotations.NullMarked;
