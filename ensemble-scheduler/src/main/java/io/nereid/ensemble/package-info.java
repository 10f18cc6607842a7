/**
 * Ensembles: a graph of models that answers as one model (schedulers section 14).
 *
 * <p>{@link io.nereid.ensemble.EnsembleScheduler} is the {@code Model}; {@link
 * io.nereid.ensemble.EnsembleGraph} is its graph, checked against the models that it is made of.
 * Each request becomes one {@code EnsembleRun}, which has no thread of its own: it moves on
 * whichever thread ends a step.
 */
@NullMarked
package io.nereid.ensemble;

import org.jspecify.annotations.NullMarked;
