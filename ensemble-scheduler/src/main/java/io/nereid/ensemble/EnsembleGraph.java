package io.nereid.ensemble;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The steps of an ensemble, checked against the models that they ask.
 *
 * @param config configuration of the ensemble
 * @param steps in configuration order
 * @param producers for each tensor that a step writes, that step
 * @param decoupledSteps positions of the steps whose models are decoupled
 * @param origins for each tensor that follows from a decoupled step, the position of the last such
 *     step before it
 */
public record EnsembleGraph(
        ModelConfig config,
        List<Step> steps,
        Map<String, Step> producers,
        Set<Integer> decoupledSteps,
        Map<String, Integer> origins) {
    /**
     * One step.
     *
     * @param index position in the configuration
     * @param modelName model to ask
     * @param modelVersion version to ask; empty for the newest that is ready
     * @param inputs from the model's input to the ensemble's tensor
     * @param outputs from the model's output to the ensemble's tensor
     */
    public record Step(
            int index,
            String modelName,
            OptionalLong modelVersion,
            Map<String, String> inputs,
            Map<String, String> outputs) {}

    /** Copies the collections. */
    public EnsembleGraph {
        steps = List.copyOf(steps);
        producers = Map.copyOf(producers);
        decoupledSteps = Set.copyOf(decoupledSteps);
        origins = Map.copyOf(origins);
    }

    /**
     * The graph of an ensemble.
     *
     * @param models gives the configuration of the model that a step asks
     * @throws StatusException INVALID_ARG with a text of schedulers section 14.2
     */
    public static EnsembleGraph of(ModelConfig config, Function<Step, ModelConfig> models) {
        GraphRules rules =
                new GraphRules(
                        config,
                        breach -> {
                            throw breach;
                        });
        return unchecked(config).checked(step -> Optional.of(models.apply(step)), rules);
    }

    /**
     * Checks an ensemble against the models of its steps, as far as they are known.
     *
     * @param models gives the configuration of the model that a step asks, if there is one
     * @param breaches takes each rule that is broken
     */
    public static void check(
            ModelConfig config,
            Function<Step, Optional<ModelConfig>> models,
            Consumer<StatusException> breaches) {
        var _ = unchecked(config).checked(models, new GraphRules(config, breaches));
    }

    private EnsembleGraph checked(Function<Step, Optional<ModelConfig>> models, GraphRules rules) {
        Set<Integer> decoupled = new TreeSet<>();
        for (Step step : steps) {
            models.apply(step)
                    .ifPresent(model -> {
                        rules.check(step, model);
                        if (model.decoupled()) {
                            decoupled.add(step.index());
                        }
                    });
        }
        Map<String, Integer> found = DecoupledOrigins.of(this, decoupled, rules::differentOrigins);
        return new EnsembleGraph(config, steps, producers, decoupled, found);
    }

    private static EnsembleGraph unchecked(ModelConfig config) {
        if (!(config.scheduling() instanceof Scheduling.Ensemble ensemble)) {
            throw new IllegalStateException("'" + config.name() + "' is not an ensemble");
        }
        List<Step> steps = new ArrayList<>();
        Map<String, Step> producers = new HashMap<>();
        for (Scheduling.Step declared : ensemble.steps()) {
            Step step =
                    new Step(
                            steps.size(),
                            declared.modelName(),
                            declared.modelVersion(),
                            declared.inputMap(),
                            declared.outputMap());
            steps.add(step);
            // An ensemble input keeps the request's value even if a step writes to its name.
            step.outputs().values().stream()
                    .filter(tensor -> config.input(tensor).isEmpty())
                    .forEach(tensor -> producers.put(tensor, step));
        }
        return new EnsembleGraph(config, steps, producers, Set.of(), Map.of());
    }
}
