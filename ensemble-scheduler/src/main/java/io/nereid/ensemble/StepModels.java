package io.nereid.ensemble;

import io.nereid.backend.EnsembleStep;
import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/**
 * The model of each step, held from the moment in which the graph was checked against it until the
 * ensemble is closed. Filled and closed on control threads; read on any thread once it is full.
 */
final class StepModels implements AutoCloseable {
    private final BiFunction<String, OptionalLong, ModelLease> lookUp;
    private final List<ModelLease> leases = new ArrayList<>();

    StepModels(BiFunction<String, OptionalLong, ModelLease> lookUp) {
        this.lookUp = lookUp;
    }

    /**
     * Takes the model of the next step, in configuration order.
     *
     * @throws io.nereid.protocol.StatusException what the look-up throws
     */
    ModelConfig take(EnsembleGraph.Step step) {
        ModelLease lease = lookUp.apply(step.modelName(), step.modelVersion());
        leases.add(lease);
        return lease.model().config();
    }

    /** What a step is told of as. */
    EnsembleStep describe(EnsembleGraph.Step step) {
        return new EnsembleStep(step.index(), step.modelName(), of(step).version());
    }

    /** The model of a step, borrowed. */
    Model of(EnsembleGraph.Step step) {
        return leases.get(step.index()).model();
    }

    @Override
    public void close() {
        leases.forEach(ModelLease::close);
    }
}
