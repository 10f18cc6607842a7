package io.nereid.ensemble;

import io.nereid.backend.EnsembleStep;
import io.nereid.backend.ExecutionListener;
import io.nereid.protocol.Scheduling;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What all requests to an ensemble share.
 *
 * @param steps how each step is told of, by its position
 * @param models the models that the steps ask
 * @param slots bounds the requests of each step; empty if there is no bound
 * @param listener told of the ensemble's own requests
 * @param nanoTime clock in nanoseconds
 */
record Ensemble(
        EnsembleGraph graph,
        long version,
        List<EnsembleStep> steps,
        StepModels models,
        Optional<StepSlots<EnsembleRun>> slots,
        RunLimits limits,
        ExecutionListener listener,
        LongSupplier nanoTime) {
    String name() {
        return graph.config().name();
    }

    /** Whether a step asks an ensemble. */
    boolean isEnsemble(EnsembleGraph.Step step) {
        return models.of(step).config().scheduling() instanceof Scheduling.Ensemble;
    }
}
